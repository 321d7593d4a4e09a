"""A stranger with a socket: load from outside over a real node and a real Redis. It imports nothing of ours.

    `python -m bench`   a command per question; the table is in __main__.py, the README says how to read the answers
    questions.py        asking one question or all of them; targets.py: what is to be reached, and why it is not
    fanout.py connections.py recovery.py slow.py leaks.py faults.py moderate.py squeeze.py nodes.py   F1 to F15
    capacity.py         nodes, memory and uplink of an audience, from what was measured
    swarm.c             many sockets in one process of C: swarm.h a socket, ledger.h what was heard, orders.h what it
                        may be told, frames.h the wire; swarm.py tells it
    bare.c plain.py     the servers that stand beside ours in every run; peers.py starts them
    chat.py             one room, where there is no compiler: crowd.py many sockets in Python, wire.py their frames
    node.py stage.py    Valkey and nodes, started for the bench and stopped whatever happens; with a crowd in them
    meter.py            CPU seconds and memory of processes, from /proc
    report.py           the table on the screen and the row in results.md

It believes nobody: what a server acknowledged must reach every socket in order, exactly once, or the bench fails.
"""
