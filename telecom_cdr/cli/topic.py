"""`telecom-cdr topic`: the Kafka topic that CDRs stream through."""

import typer

from telecom_cdr.cli.arguments import Form
from telecom_cdr.cli.console import Format, print_rows, say
from telecom_cdr.settings import Settings

app = typer.Typer(no_args_is_help=True, help="The Kafka topic of the CDRs: create, describe.")


@app.callback()
def options() -> None:
    """The Kafka topic of the CDRs, on the brokers of TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS."""


@app.command()
def create() -> None:
    """Make the topic as the settings promise; one that is there is compared with them, and left as it is."""
    make_topic(Settings())


def make_topic(settings: Settings) -> None:
    """Make the topic where it is missing, and tell what is there."""
    from telecom_cdr.sources.kafka.topic import create_topic, describe_topic

    is_made = create_topic(settings)
    topic = describe_topic(settings, is_new=is_made)
    if is_made:
        kept = f"each record on {settings.kafka_replication} brokers, retention {topic.retention}"
        say(f"the topic {topic.name} is made: {len(topic.partitions)} partitions, {kept}")
    else:
        say(f"the topic {topic.name} is there already, and left as it is")
    _warn(topic.differences(settings), topic.name)


@app.command()
def describe(form: Form = Format.TABLE) -> None:
    """Tell partitions, leaders, replicas and offsets; warn where the topic is not as the settings promise."""
    from telecom_cdr.sources.kafka.topic import describe_topic

    settings = Settings()
    topic = describe_topic(settings)
    columns = ["partition", "leader", "replicas", "in sync", "first offset", "end offset"]
    print_rows(
        columns,
        [
            (
                each.number,
                each.leader,
                _listed(each.replicas),
                _listed(each.in_sync),
                each.first_offset,
                each.end_offset,
            )
            for each in topic.partitions
        ],
        form,
    )
    say(
        f"the topic {topic.name}, ID {topic.topic_id}: retention {topic.retention}, "
        f"min.insync.replicas {topic.configuration.get('min.insync.replicas', 'unknown')}"
    )
    _warn(topic.differences(settings), topic.name)


def _warn(differences: list[str], name: str) -> None:
    for difference in differences:
        say(f"warning: the topic {name} is not as the settings promise: {difference}")


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(str(number) for number in numbers)
