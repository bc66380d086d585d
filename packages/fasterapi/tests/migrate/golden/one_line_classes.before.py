from pydantic import BaseModel, ConfigDict


class Empty(BaseModel): pass


class One(BaseModel): x: int; y: int = 1


class Ellipsis_(BaseModel): ...


class Configured(BaseModel): model_config = ConfigDict(extra="forbid")
