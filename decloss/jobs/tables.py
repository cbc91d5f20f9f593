"""The tables of the line of finetunes in its database."""

import sqlalchemy as sa

TABLES = sa.MetaData()
JOBS = sa.Table(
    "decloss_line",
    TABLES,
    sa.Column("job", sa.String(22), primary_key=True),
    sa.Column("place", sa.BigInteger, nullable=False),
    sa.Column("worker", sa.String(32)),
    sa.Column("until", sa.Double),
)
MEMBERS = sa.Table(
    "decloss_members",
    TABLES,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("device", sa.String(200), nullable=False),
    sa.Column("at_once", sa.Integer, nullable=False),
    sa.Column("version", sa.String(64), nullable=False),
    sa.Column("until", sa.Double, nullable=False),
)
FACTS = sa.Table(
    "decloss_facts",
    TABLES,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("value", sa.String(64), nullable=False),
)
"""What all must agree on: the "version" of DECLoss, and the "folder" of the jobs."""
