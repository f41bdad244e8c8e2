"""``GET /privacy/{language}``: the full notice."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import HTMLResponse

from consent.notice import Notice
from voice_agent.privacy import page


def privacy_router(notice: Notice, company: str) -> APIRouter:
    """The notice in each of its languages."""
    router = APIRouter(prefix="/privacy", include_in_schema=False)
    pages = page.render(notice, company)
    stylesheet = page.stylesheet()

    @router.get("/notice.css")
    async def css() -> Response:
        return Response(stylesheet, media_type="text/css", headers=page.SECURITY_HEADERS)

    @router.get("/{language}")
    async def full_notice(language: str) -> HTMLResponse:
        if language not in pages:
            raise HTTPException(404)
        return HTMLResponse(pages[language], headers=page.SECURITY_HEADERS)

    return router
