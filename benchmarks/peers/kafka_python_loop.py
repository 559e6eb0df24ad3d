"""A loop around kafka-python's consumer."""

from kafka import KafkaConsumer

from benchmarks.peers.work import Job, Work


def main() -> None:
    """Read until the last event."""
    job = Job.from_environment()
    work = Work(job)
    consumer = KafkaConsumer(
        job.topic,
        bootstrap_servers=job.kafka,
        group_id=job.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_poll_records=2_000,
    )
    while work.events < job.events:
        for messages in consumer.poll(timeout_ms=1_000).values():
            for message in messages[: job.events - work.events]:
                work.add(work.watch(work.decode(message.value)))
        if work.full:
            work.flush()
            consumer.commit()
    work.report()
    consumer.close()


if __name__ == "__main__":
    main()
