"""A stranger with a socket: load from outside over a real node and a real Redis. It imports nothing of ours.

    `python -m bench`   a command per question; the table is in __main__.py
    chat.py             one room, many sockets: what does a delivery cost, how late is the last one?
    crowd.py            many sockets in one process, cheap enough not to be the bottleneck
    wire.py             frames and handshakes of RFC 6455, as little as a client needs
    node.py             Valkey and a node, started for the bench and stopped whatever happens
    meter.py            CPU seconds and memory of processes, from /proc
    report.py           the table on the screen and the row in results.md

It believes nobody: what a server acknowledged must reach every socket in order, exactly once, or the bench fails.
"""
