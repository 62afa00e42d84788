"""One live form of a subject, visit and form, as a key of the database again.

Since forms can be voided and entered again, only the lock on the subject kept two sessions from making two.
The table is kept by triggers, which are made anew after every step.

Revision: 0010
Previous: 0009
"""

import sqlalchemy as sa
from alembic import op

from trialkit.store.errors import StoreError
from trialkit.wording import said

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_LIVE = "FROM form_instance WHERE id NOT IN (SELECT form_instance FROM form_void)"


def upgrade() -> None:
    op.create_table(
        "live_form",
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("form_instance", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_instance"], ["form_instance.id"], name=op.f("fk_live_form_form_instance")
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.subject_id"], name=op.f("fk_live_form_subject_id")),
        sa.PrimaryKeyConstraint("subject_id", "visit", "form", name=op.f("pk_live_form")),
        sa.UniqueConstraint("form_instance", name=op.f("uq_live_form_form_instance")),
    )
    _refuse_two()
    op.execute(
        "INSERT INTO live_form (subject_id, visit, form, form_instance) "
        f"SELECT subject_id, visit, form, id {_LIVE}"
    )


def _refuse_two() -> None:
    twice = op.get_bind().execute(
        sa.text(
            f"SELECT subject_id, visit, form {_LIVE} GROUP BY subject_id, visit, form HAVING count(*) > 1"
        )
    )
    places = ["/".join(row) for row in twice]
    if places:
        raise StoreError(
            expected="one form of a subject and visit that is not void",
            found=said("two of {places}", places=", ".join(places[:10])),
            next_step="Void one of the two with the version that wrote them, then upgrade.",
        )


def downgrade() -> None:
    op.drop_table("live_form")
