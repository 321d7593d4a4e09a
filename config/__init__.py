"""What the program is told: settings, logs, the embedded services, languages. Imports nothing of ours.

settings.py   every setting, read once from the environment, checked, immutable
log.py        how every process writes its log lines
services.py   the embedded Postgres and Valkey behind `make up`, the tests and the bench
cluster.py    three masters of a Redis Cluster, for the tests and for trying out
nobody.py     runs as nobody what refuses to run as root
leftovers.py  what an earlier `make up` could not stop because it was killed
up.py         `make up`: services, migrations, demo, then the Procfile
processes.py  the processes of the Procfile, run and ended together
scaling.md    more nodes behind haproxy.cfg or nginx.conf, and a Redis Cluster
languages.py  ru, en, kk: catalogues, plurals, dates
"""
