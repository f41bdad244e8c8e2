"""``voice-agent serve``: the server."""

from __future__ import annotations

from typing import Final

from voice_agent import log
from voice_agent.agent import AgentConfig
from voice_agent.app import create_app
from voice_agent.commands.check import examine_parts
from voice_agent.commands.output import Output
from voice_agent.egress import allowed_hosts, guard
from voice_agent.errors import ConfigurationError
from voice_agent.heap import give_back
from voice_agent.server import listen, run
from voice_agent.settings import load_settings

FIRST_ACCOUNT: Final = (
    "Nobody can use the console yet. Make the first account: "
    'voice-agent operator add LOGIN --name "THEIR NAME" --role supervisor'
)


def serve() -> None:
    """Answer calls until Ctrl-C. Settings come from the environment; see voice-agent check."""
    give_back()
    settings = load_settings()
    agent = AgentConfig.for_settings(settings)
    log.configure(production=settings.is_production)
    egress = guard(allowed_hosts(settings, agent.ledger.timestamp_authority))
    faults = [found.fault for found in examine_parts(settings, agent) if found.fault]
    if faults:
        raise ConfigurationError("\n".join(faults))
    with listen(settings) as listener:
        output = Output()
        output.note("Loading the models and speaking the notice ...")
        app = create_app(settings, agent, egress)

        async def drain(seconds: float) -> int:
            handed_on: int = await app.state.drain(seconds)  # there since the start
            return handed_on

        def tell(announced: str) -> None:
            if not settings.is_production and not app.state.has_accounts:
                output.note(FIRST_ACCOUNT)
            output.note(announced)

        run(app, settings, listener, tell, drain)
