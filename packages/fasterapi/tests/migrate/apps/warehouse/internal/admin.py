import fastapi

router = fastapi.APIRouter()


@router.post("/")
async def update_admin(request: fastapi.Request):
    return {"message": "Admin getting schwifty", "url": str(request.url_for("item", item_id="gun"))}
