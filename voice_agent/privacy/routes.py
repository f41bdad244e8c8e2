"""``GET /privacy/{language}``: the full notice; and, where there is one, the portal."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import HTMLResponse

from consent.notice import Notice
from voice_agent.privacy import page
from voice_agent.privacy.portal import Portal
from voice_agent.privacy.portal_routes import portal_router
from voice_agent.privacy.view import Renderer


def privacy_router(
    notice: Notice, company: str, portal: tuple[Portal, Renderer] | None = None
) -> APIRouter:
    """The notice in each of its languages, and the portal with who writes its pages out."""
    router = APIRouter(include_in_schema=False)
    pages = page.render(notice, company)
    stylesheet = page.stylesheet()

    @router.get("/privacy/notice.css")
    async def css() -> Response:
        return Response(stylesheet, media_type="text/css", headers=page.SECURITY_HEADERS)

    @router.get("/privacy/{language}")
    async def full_notice(language: str) -> HTMLResponse:
        if language not in pages:
            raise HTTPException(404)
        return HTMLResponse(pages[language], headers=page.SECURITY_HEADERS)

    if portal is not None:
        router.include_router(portal_router(*portal))
    return router
