"""smpclient, unchanged, against the simulated SMP server.

Reads one JSON object from standard input (port, image file, what to do), prints one JSON object of what it saw."""

import asyncio
import json
import sys

from smpclient import SMPClient
from smpclient.generics import error, success
from smpclient.mcuboot import IMAGE_TLV, ImageInfo
from smpclient.requests.image_management import ImageStatesRead, ImageStatesWrite
from smpclient.requests.os_management import EchoWrite, MCUMgrParametersRead, OSApplicationInfoRead, ResetWrite
from smpclient.requests.settings_management import ReadSetting, SaveSettings, WriteSetting
from smpclient.requests.shell_management import Execute
from smpclient.transport.serial import SMPSerialTransport

given = json.load(sys.stdin)


def states(answer):
    return [
        {"slot": one.slot, "version": one.version, "hash": one.hash.hex() if one.hash else None,
         "active": one.active, "pending": one.pending, "confirmed": one.confirmed}
        for one in answer.images
    ]


async def main():
    seen = {}
    with open(given["image"], "rb") as file:
        image = file.read()
    info = ImageInfo.load_file(given["image"])
    seen["file_hash"] = info.get_tlv(IMAGE_TLV.SHA256).value.hex()
    seen["file_version"] = str(info.header.ver)
    async with SMPClient(SMPSerialTransport(), given["port"]) as client:
        seen["echo"] = (await client.request(EchoWrite(d="Hello, 世界"))).r
        seen["before"] = states(await client.request(ImageStatesRead()))
        offsets = [offset async for offset in client.upload(image)]
        seen["uploaded"], seen["pieces"] = offsets[-1], len(offsets)
        after = await client.request(ImageStatesRead())
        seen["after"] = states(after)
        if given["application"]:
            seen["buf_size"] = (await client.request(MCUMgrParametersRead())).buf_size
            seen["os"] = (await client.request(OSApplicationInfoRead(format="sv"))).output
            seen["shell"] = (await client.request(Execute(argv=["hwinfo", "devid"]))).o
            hash = next(one.hash for one in after.images if one.slot == 1)
            seen["tested"] = states(await client.request(ImageStatesWrite(hash=hash, confirm=False)))
            seen["missing"] = bool(error(await client.request(ReadSetting(name="a/b"))))
            seen["written"] = bool(success(await client.request(WriteSetting(name="a/b", val=b"\x01\x02"))))
            seen["saved"] = bool(success(await client.request(SaveSettings())))
            seen["read"] = (await client.request(ReadSetting(name="a/b"))).val.hex()
        else:
            refused = await client.request(ImageStatesWrite(hash=b"\x00" * 32, confirm=False))
            seen["refused"] = int(refused.rc) if error(refused) else None
        reset = await client.request(ResetWrite())
        # Serial recovery states success as {"rc": 0}, which smpclient takes for an error with code 0.
        seen["reset"] = bool(success(reset)) or int(reset.rc) == 0
        if given["application"]:
            seen["booted"] = states(await client.request(ImageStatesRead()))
    print(json.dumps(seen))


asyncio.run(main())
