"""What happens to nodes, wires and Redis."""

from tests.simulator.people import Kind
from tests.simulator.worker import Worker
from tests.simulator.world import World


def cut_a_wire(world: World) -> None:
    page = world.fate.choice(world.pages)
    if page.wire is not None:
        world.note(f"the wire of {page.name} is cut")
        page.wire.cut()


def freeze_a_wire(world: World) -> None:
    page = world.fate.choice(world.pages)
    if page.wire is not None:
        world.note(f"the wire of {page.name} goes dead silently")
        page.wire.frozen = True


def stop_reading(world: World) -> None:
    page = world.fate.choice(world.pages)
    world.note(f"{page.name} stops reading")
    page.reading = False
    world.loop.soon(world.fate.choice((0.5, 2.0, 8.0, 25.0)), page.read_on)


def storm(world: World) -> None:
    world.note("everybody's wire is cut")
    for page in world.pages:
        if page.wire is not None:
            page.wire.cut()


def kill_a_worker(world: World) -> None:
    serving = world.serving()
    if serving:
        _kill(world, world.fate.choice(serving))


def kill_a_node(world: World) -> None:
    node = world.fate.randint(0, 1)
    silently = world.fate.random() < 0.5
    world.note(f"node {node} dies{' silently' if silently else ''}")
    for worker in [one for one in world.serving() if one.node == node]:
        if silently:
            for wire in worker.wires:
                wire.frozen = True
        _kill(world, worker)


def _kill(world: World, worker: Worker) -> None:
    world.note(f"{worker.name} is killed")
    worker.kill()
    world.loop.soon(world.fate.uniform(0.05, 3.0), world.start, worker.node)


def reload(world: World) -> None:
    serving = world.serving()
    if serving:
        worker = world.fate.choice(serving)
        world.note(f"{worker.name} is asked to leave")
        world.start(worker.node)
        worker.leave()


def redis_falls(world: World) -> None:
    if not world.store.up:
        return
    store = world.store
    world.note("Redis falls")
    store.fall()

    def rise() -> None:
        if world.durable:
            world.note("Redis comes back")
        else:
            empty = world.fate.random() < 0.2
            world.witness.come_back({} if empty else world.disk)
            # Once: a second loss could take back the new life that began after the first, and nobody could tell.
            world.durable = True
            world.note(f"Redis comes back {'empty' if empty else 'as its disk knew it'}")
        store.up = True

    world.loop.soon(world.fate.choice((0.05, 0.3, 1.0, 4.0)), rise)


def redis_freezes(world: World) -> None:
    world.note("Redis stands still")
    world.store.freeze()
    world.loop.soon(world.fate.choice((0.2, 1.0, 3.0, 8.0)), world.store.thaw)


def redis_syncs(world: World) -> None:
    if world.store.up and not world.durable:
        world.disk = world.witness.saved()


def pipelines_break(world: World) -> None:
    world.note("pipelines to Redis break")
    world.store.cut_writes = 0.5

    def stop() -> None:
        world.store.cut_writes = 0.0

    world.loop.soon(world.fate.uniform(0.1, 2.0), stop)


def cut_an_ear(world: World) -> None:
    ear = world.fate.choice(world.store.ears) if world.store.ears else None
    if ear is not None and ear.up:
        world.note("a worker's pub/sub line breaks")
        ear.cut()


def deafen_an_ear(world: World) -> None:
    ear = world.fate.choice(world.store.ears) if world.store.ears else None
    if ear is not None and not world.peace:
        world.note("a worker's pub/sub line loses messages")
        ear.lossy = 0.3

        def stop() -> None:
            ear.lossy = 0.0

        world.loop.soon(world.fate.uniform(0.1, 1.5), stop)


def archive(world: World) -> None:
    for name, kept in world.witness.rooms.items():
        world.witness.mark_archived(name, epoch=kept.epoch, offset=world.fate.randint(0, kept.top))


FAULTS = (
    Kind(5, cut_a_wire),
    Kind(2, freeze_a_wire),
    Kind(4, stop_reading),
    Kind(1, storm),
    Kind(2, kill_a_worker),
    Kind(1, kill_a_node),
    Kind(2, reload),
    Kind(2, redis_falls),
    Kind(1, redis_freezes),
    Kind(3, redis_syncs),
    Kind(3, pipelines_break),
    Kind(3, cut_an_ear),
    Kind(2, deafen_an_ear),
    Kind(2, archive),
)
