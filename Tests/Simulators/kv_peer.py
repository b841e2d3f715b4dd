"""An official client of the key/value engine, as a person would use it beside ours. Usage: kv_peer.py URL TOKEN ACTION PATH [VALUE]"""

import json
import sys

import hvac

url, token, action, path = sys.argv[1:5]
client = hvac.Client(url=url, token=token)
engine = client.secrets.kv.v2
if action == "write":
    made = engine.create_or_update_secret(path=path, secret={"value": sys.argv[5]}, mount_point="secret")
    print(json.dumps(made["data"]["version"]))
elif action == "read":
    print(json.dumps(engine.read_secret_version(path=path, mount_point="secret", raise_on_deleted_version=True)["data"]["data"]))
elif action == "list":
    print(json.dumps(engine.list_secrets(path=path, mount_point="secret")["data"]["keys"]))
elif action == "versions":
    print(json.dumps(engine.read_secret_metadata(path=path, mount_point="secret")["data"]["current_version"]))
elif action == "stale":
    try:
        engine.create_or_update_secret(path=path, secret={"value": "x"}, cas=99, mount_point="secret")
        print(json.dumps("written"))
    except hvac.exceptions.InvalidRequest as error:
        print(json.dumps(str(error)))
elif action == "gone":
    try:
        engine.read_secret_version(path=path, mount_point="secret", raise_on_deleted_version=True)
        print(json.dumps("there"))
    except hvac.exceptions.InvalidPath:
        print(json.dumps("gone"))
