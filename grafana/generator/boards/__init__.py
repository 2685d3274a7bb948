"""The dashboards, one file each."""

from grafana.generator.board import Board
from grafana.generator.boards.between_channels import BETWEEN_CHANNELS
from grafana.generator.boards.delivery import DELIVERY
from grafana.generator.boards.experience_now import EXPERIENCE_NOW
from grafana.generator.boards.journeys import JOURNEYS
from grafana.generator.boards.pipeline_health import PIPELINE_HEALTH
from grafana.generator.boards.store import STORE
from grafana.generator.boards.support import SUPPORT
from grafana.generator.boards.web_and_app import WEB_AND_APP

BOARDS: tuple[Board, ...] = (
    EXPERIENCE_NOW,
    BETWEEN_CHANNELS,
    DELIVERY,
    STORE,
    SUPPORT,
    WEB_AND_APP,
    JOURNEYS,
    PIPELINE_HEALTH,
)
