"""A loop around confluent-kafka's consumer (librdkafka), which hands over batches."""

from confluent_kafka import Consumer

from benchmarks.peers.work import Job, Work


def main() -> None:
    """Read until the last event."""
    job = Job.from_environment()
    work = Work(job)
    consumer = Consumer(
        {
            "bootstrap.servers": job.kafka,
            "group.id": job.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([job.topic])
    while work.events < job.events:
        for message in consumer.consume(num_messages=min(1_000, job.events - work.events), timeout=1.0):
            if message.error():
                raise RuntimeError(message.error())
            work.add(work.watch(work.decode(message.value())))
        if work.full:
            work.flush()
            consumer.commit(asynchronous=False)
    work.report()
    consumer.close()


if __name__ == "__main__":
    main()
