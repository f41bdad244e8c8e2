"""The adapters of one process, joined to the ports they serve. Only ``app`` makes them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

import structlog
from fastapi import APIRouter, WebSocket

from voice_agent.agent import AgentConfig
from voice_agent.agent_turns import end_rules, open_judge, turn_rules
from voice_agent.agent_understanding import LanguageModel, open_understander
from voice_agent.agent_voices import open_voices
from voice_agent.audio.music import hold_music
from voice_agent.call.barge_in import BargeInRules
from voice_agent.call.session import CallSession
from voice_agent.call.terms import CallTerms
from voice_agent.errors import CarrierError, EngineError
from voice_agent.evidence.timestamp import load_roots
from voice_agent.live.hub import Hub
from voice_agent.live_store import open_live_store
from voice_agent.models.catalogue import find
from voice_agent.models.store import ModelStore
from voice_agent.operators import Operators
from voice_agent.outbound.errand import FLOW
from voice_agent.outreach import Outreach, outbound_calls
from voice_agent.phone.routes import Language, PhoneCall, phone_router
from voice_agent.portal import portal_on
from voice_agent.privacy.appointment_routes import appointment_router
from voice_agent.privacy.ledger import ledger_router
from voice_agent.privacy.routes import privacy_router
from voice_agent.recordings import Recordings, recordings_router
from voice_agent.retention import load_retention
from voice_agent.runtime.confirmation import Wording
from voice_agent.runtime.effects import Desk
from voice_agent.runtime.engines import Engines
from voice_agent.runtime.jobs import Jobs
from voice_agent.runtime.limiter import Limiter
from voice_agent.runtime.live_calls import LiveCalls
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.owed import OwedWithdrawals
from voice_agent.runtime.privacy_link import PrivacyLink
from voice_agent.runtime.punctual_errands import PunctualErrands
from voice_agent.runtime.refusals import Refusals
from voice_agent.runtime.registrar import Registrar
from voice_agent.runtime.withdrawals import WithdrawalWatch
from voice_agent.settings import Settings
from voice_agent.speech.echo import CorrelationEcho
from voice_agent.speech.webrtc_vad import WebRtcVad
from voice_agent.speech.whisper import WhisperRecogniser
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.notices import NoticeArchive, keep_notice
from voice_agent.storage.portal import SqlPortalLinks
from voice_agent.storage.tokens import SqlStreamTokens
from voice_agent.stores import Stores
from voice_agent.texts import Texts
from voice_agent.timestamps import HeadTimestamps
from voice_agent.tools.arguments import is_number
from voice_agent.toolset import open_confirmation, open_toolbox
from voice_agent.twilio.answers import Answers
from voice_agent.twilio.client import TwilioClient
from voice_agent.twilio.media import Admission, MediaStreams
from voice_agent.twilio.outbound import OutboundBoard
from voice_agent.twilio.outbound_answers import OutboundAnswers
from voice_agent.twilio.outbound_calls import OutboundCalls
from voice_agent.twilio.routes import twilio_router
from voice_agent.twilio.signature import WebhookSignatures
from voice_agent.twilio.switchboard import Switchboard
from voice_agent.twilio.text_messages import TextMessages

log = structlog.get_logger(__name__)


DUTIES_LIMIT: Final = 5.0
"""Seconds a stopping process waits for withdrawals that are still to be written down."""


class Assembly:
    """The adapters of one process, made once. Blocks while models load: make it in a thread."""

    def __init__(self, settings: Settings, agent: AgentConfig, texts: Texts) -> None:
        self._settings = settings
        self._agent = agent
        self._texts = texts
        self.metrics = Metrics()
        self.hub = Hub()
        self.stores = Stores.open(settings)
        self.database = self.stores.database
        self.client = _twilio_client(settings, outbound_calls(settings, agent.limits.call_s))
        book = SqlCallBook(self.database)
        company = agent.company
        self.confirmation = open_confirmation(
            self.stores,
            self.client,
            Wording(title=company.name, place=company.address, message=self._appointment_message),
        )
        self.refusals = Refusals(self.stores.do_not_call, self.metrics)
        self.toolbox = open_toolbox(
            self.stores,
            agent.controller.jurisdiction,
            texts.prompts,
            self.refusals,
            self.confirmation,
        )
        self.engine = texts.engine(self.toolbox.names)
        store = ModelStore(settings.models_dir)
        self.voices = open_voices(settings, agent)
        self.recordings = Recordings(settings.data_dir / "recordings", self.voices)
        texts.render(self.recordings, self.voices)
        recogniser = agent.speech.recogniser
        self.recogniser = WhisperRecogniser(
            store.require(find(f"whisper-{recogniser.model}", "recogniser")),
            device=recogniser.device,
            threads=recogniser.threads,
        )
        self.judge = open_judge(store)
        self.model = LanguageModel.open(
            settings, texts.languages, texts.flows, texts.knowledge, self.metrics.count
        )
        self.engines = Engines(
            recogniser=self.recogniser,
            voices=self.voices,
            understander=open_understander(
                agent,
                texts.knowledge,
                texts.flows.values(),
                self.stores.plan,
                self.stores.clock,
                model=self.model,
            ),
            judge=self.judge,
        )
        self.registrar = Registrar(
            ledger=self.stores.ledger,
            book=book,
            notice_version=texts.notice.version,
            pseudonyms=self.stores.pseudonyms,
            wall_clock=self.stores.clock,
        )
        self.watch = WithdrawalWatch(self.registrar)
        self.owed = OwedWithdrawals(self.registrar, self.metrics)
        self.live = LiveCalls(
            open_live_store(settings),
            may_dial=self._may_dial,
            erase=partial(self.stores.rights.forget_call, actor="operator"),
            keep=self.stores.summaries.keep,
            words=self.engine.words,
            clock=self.stores.clock,
        )
        self.tokens = SqlStreamTokens(self.database)
        self.link = PrivacyLink(
            messenger=self.client,
            book=book,
            links=SqlPortalLinks(self.database, self.stores.keyring),
            text=self._text_message,
            clock=self.stores.clock,
            pseudonym=self.stores.pseudonyms.of,
        )
        redis_url = settings.redis_url
        self.limiter = Limiter(None if redis_url is None else redis_url.get_secret_value())
        self.operators = Operators.open(
            self.stores, self.live.store, self.limiter, company.name, settings
        )
        self.outreach = Outreach.open(self.stores, self.client, settings, self._reminder_message)
        self.jobs = self._background()
        self.streams = self._media_streams()
        # Of their own, so that a page in a browser never takes a caller's place.
        self.phone_streams = self._media_streams()
        self.board = self._switchboard()

    @property
    def engine_names(self) -> dict[str, str]:
        """Which engine does what, for ``/readyz`` and the log."""
        voices = {f"voice_{language}": voice.name for language, voice in self.voices.items()}
        judge = "none: silence and words decide" if self.judge is None else self.judge.name
        return {"recogniser": self.recogniser.name, "end_of_turn": judge, **voices}

    def routers(self) -> Iterator[APIRouter]:
        """Every address, the health checks' excepted."""
        texts = TextMessages(refusals=self.refusals, metrics=self.metrics)
        yield twilio_router(self.board, self.streams, texts, self._outbound_board())
        yield recordings_router(self.recordings)
        company = self._agent.company.name
        notice = self._texts.notice
        portal = portal_on(
            self.stores,
            registrar=self.registrar,
            messenger=self.client,
            limiter=self.limiter,
            notice=notice,
            company=company,
        )
        yield ledger_router(self.stores.archive)
        yield privacy_router(notice, company, portal)
        if self.confirmation is not None:
            yield appointment_router(self.confirmation.file, self.limiter)
        yield from self.operators.routers()
        if self._settings.browser_telephone:
            yield phone_router(self, self.hub)

    async def start(self) -> None:
        """Keep the notice that is played from now on (C13), and begin what does itself (C19).

        Raises:
            RecordsUnavailable: the notice could not be kept; without it nothing can be proved.
        """
        archive = NoticeArchive(self.database)
        await keep_notice(archive, self._texts, self.recordings, self.stores.clock())
        self.jobs.start()
        if self.outreach is not None:
            self.outreach.dialler.start()
        await self.live.start()

    async def close(self) -> None:
        """Let go of everything, once what is owed to the records is written or given up."""
        await self.jobs.stop()
        if self.outreach is not None:
            await self.outreach.dialler.stop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DUTIES_LIMIT):
                await self.owed.settle()
                await self.refusals.settle()
        await self.owed.release()
        await self.refusals.release()
        await self.watch.stop()
        await self.operators.presence.close()
        await self.live.stop()
        self.engines.close()
        if self.model is not None:
            await asyncio.to_thread(self.model.close)
        self.recordings.close()
        if self.client is not None:
            await self.client.close()
        await self.limiter.close()
        await self.stores.close()

    async def drain(self, seconds: float) -> int:
        """Hand on every call there is, and begin no other; returns how many there were."""
        both = (self.streams, self.phone_streams)
        handing_on = [streams.drain(seconds) for streams in both]
        if self.outreach is not None:
            handing_on.append(self.outreach.dialler.drain(seconds))
        return sum(await asyncio.gather(*handing_on))

    def _media_streams(self) -> MediaStreams:
        limits = self._agent.limits
        return MediaStreams(
            Desk(
                engines=self.engines,
                registrar=self.registrar,
                link=self.link,
                hub=self.hub,
                metrics=self.metrics,
                watch=self.watch,
                owed=self.owed,
                toolbox=self.toolbox,
                audit=self.stores.audit,
                live=self.live,
                inbox=self.stores.inbox,
                transfer=self._transfer,
                errands=None if self.stores.reminding is None else self.stores.reminding.errands,
            ),
            self._open_call,
            start_s=limits.start_s,
            most_waiting=limits.waiting_streams,
            most_calls=limits.calls,
        )

    def _background(self) -> Jobs:
        """What a running server does by itself."""
        table = load_retention(self._settings.config_dir)
        retention = self.stores.retention(table, self._texts.notice.version)
        authority = self._agent.ledger.timestamp_authority
        stamp = None
        if authority is not None:
            roots = load_roots(self._agent.ledger.certificate(self._settings.config_dir))
            stamp = HeadTimestamps(self.database, authority, roots, self.stores.clock).stamp
        reminders = None if self.outreach is None else self.outreach.planning.run
        return self.stores.background(retention, self.client, stamp, reminders)

    # -- speech --------------------------------------------------------------------------------

    async def render_the_rest(self) -> None:
        """Speak every other static line, one by one, while calls are already answered."""
        for language, voice in self.voices.items():
            for text in self._texts.static_sentences(language):
                try:
                    await asyncio.to_thread(partial(voice.speak, text, personal=False))
                except EngineError as fault:
                    log.warning("line_not_rendered", code=fault.code, language=language)
        log.info("lines_rendered")

    # -- calls ---------------------------------------------------------------------------------

    def _open_call(self, admission: Admission) -> CallSession:
        agent = self._agent
        terms = CallTerms(
            call_id=admission.call_id,
            language=admission.language,
            languages=self._texts.languages,
            can_hand_over=self._settings.handover_number is not None,
            office_open=self._office_is_open(),
            can_call_back=admission.number is not None,
            begins=None if admission.errand is None else FLOW,
            queue_s=agent.handover.queue_s,
            music=hold_music(),
            key_s=agent.notice.key_s,
            repetitions=agent.notice.repetitions,
            no_input_s=agent.limits.no_input_s,
            limit_s=agent.limits.call_s,
            turns=turn_rules(agent.turn),
            ends=end_rules(agent.turn),
            barge_in=BargeInRules(hold_ms=agent.turn.hold_ms, confirm_ms=agent.turn.interrupt_ms),
        )
        texts = self._texts
        return CallSession(terms, WebRtcVad(), self.engine, texts.script, CorrelationEcho())

    def _office_is_open(self) -> bool:
        """People can be had now, as far as the company's hours go."""
        plan = self.stores.plan
        if plan is None or self._agent.handover.hours == "always":
            return True
        return plan.opening.is_open(self.stores.clock())

    def _may_dial(self, number: str) -> bool:
        """An operator may have this number dialled; the company's own is the empty text."""
        if not number:
            return self._settings.handover_number is not None
        country = self._agent.controller.jurisdiction
        return self.client is not None and is_number(number, frozenset({country}))

    async def _transfer(self, call_id: str, number: str, language: str) -> bool:
        """Have the carrier dial it; where it will not, it dials the company's own afterwards."""
        if self.client is None:
            return False
        try:
            await self.client.update_twiml(call_id, self.board.answers.transfer(language, number))
        except CarrierError as fault:
            log.error("transfer_refused", call_id=call_id, carrier_code=fault.carrier_code)
            return False
        return True

    def _text_message(self, language: str, token: str) -> str:
        # In the fragment, which neither servers nor their logs ever see (C21).
        link = f"{self._settings.public_url}/p#{token}"
        return self._texts.script.text_message(language, link)

    def _appointment_message(self, language: str, service: str, when: str, token: str) -> str:
        # In the path, because the telephone's own calendar asks for it.
        link = f"{self._settings.public_url}/a/{token}"
        return self._texts.script.appointment_message(language, service, when, link)

    def _reminder_message(self, language: str) -> str:
        # Of the number it comes from: whoever rings back talks to this agent.
        number = self._settings.twilio_number or ""
        return self._texts.script.reminder_message(language, number)

    def _switchboard(self) -> Switchboard:
        settings, agent = self._settings, self._agent
        reminding = self.stores.reminding
        return Switchboard(
            answers=Answers(
                script=self._texts.script,
                recordings=self.recordings,
                public_url=settings.public_url,
                socket_url=settings.socket_url,
                key_s=round(agent.notice.key_s),
                handover_number=settings.handover_number,
                caller_id=settings.twilio_number,
                dial_s=agent.handover.dial_s,
                clock=self.stores.clock,
            ),
            signatures=WebhookSignatures(_tokens(settings), settings.public_url),
            registrar=self.registrar,
            tokens=self.tokens,
            link=self.link,
            metrics=self.metrics,
            owed=self.owed,
            languages=self._texts.languages,
            default_language=agent.default_language,
            repetitions=agent.notice.repetitions,
            in_stream=agent.notice.mode == "stream",
            is_stopping=lambda: self.streams.is_draining,
            errands=None if reminding is None else PunctualErrands(reminding.errands),
        )

    def _outbound_board(self) -> OutboundBoard | None:
        """What is answered to those we ring up; ``None`` where we ring nobody up."""
        errands = self.board.errands
        if errands is None:
            return None
        return OutboundBoard(
            switchboard=self.board,
            answers=OutboundAnswers(answers=self.board.answers),
            errands=errands,
            directory=self.stores.directory,
            refusals=self.refusals,
        )

    # -- the browser telephone -----------------------------------------------------------------

    async def open(self, language: Language) -> PhoneCall:
        """See ``voice_agent.phone.routes.Exchange``."""
        call_id = f"CA{uuid4().hex}"
        await self.registrar.begin(call_id, language)
        return PhoneCall(call_id, await self.registrar.mint(self.tokens, call_id))

    async def phone_media(self, socket: WebSocket) -> None:
        """``/phone/media``: the carrier's protocol with the notice inside the stream (C2).

        A browser says which page opened the socket; another site's is refused. What the page says
        of the caller's number is not believed: text messages are never sent from here.
        """
        origin = socket.headers.get("origin")
        if origin is not None and urlsplit(origin).hostname not in self._settings.allowed_hosts:
            await socket.close()  # before the upgrade: 403
            return
        board = replace(self.board, in_stream=True, trusts_numbers=False)
        await self.phone_streams.serve(socket, board.admit)


def _tokens(settings: Settings) -> list[str]:
    return [token.get_secret_value() for token in settings.twilio_auth_token]


def _twilio_client(settings: Settings, calls: OutboundCalls) -> TwilioClient | None:
    """The REST client, if an account and a number are configured."""
    if settings.twilio_account_sid is None or settings.twilio_number is None:
        return None
    secret = settings.twilio_api_secret
    return TwilioClient(
        account_sid=settings.twilio_account_sid,
        secret=secret.get_secret_value() if secret is not None else _tokens(settings)[0],
        number=settings.twilio_number,
        api_key=settings.twilio_api_key if secret is not None else None,
        region=settings.twilio_region,
        edge=settings.twilio_edge,
        base_url=settings.twilio_api_base_url,
        message_status_url=f"{settings.public_url}/twilio/status/message",
        calls=calls,
    )
