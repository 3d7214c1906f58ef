"""The webhook function as one would write it for Python: boto3's clients made outside
the handler, the signing token kept in memory. It takes events from Lambda's Runtime
API, as Amazon's Python runtime does."""

import hashlib
import hmac
import http.client
import json
import os
import time

import boto3

MAX_AGE = 15 * 24 * 3600 * 1000

sqs = boto3.client("sqs")
secrets = boto3.client("secretsmanager")
hooks = json.loads(secrets.get_secret_value(SecretId=os.environ["SIGNING_SECRET_PREFIX"] + "0")["SecretString"])["hooks"]


def verified(hook, body):
    text = (body["token"] + str(body["triggeredAt"])).encode()
    return any(
        hmac.compare_digest(hmac.new(key["t"].encode(), text, hashlib.sha256).hexdigest(), body["signature"])
        for key in hook["k"]
    )


def handle(event):
    hook_id = event["pathParameters"]["hook"]
    hook = hooks.get(hook_id)
    body = json.loads(event["body"])
    now = int(time.time() * 1000)
    if hook is None or abs(now - body["triggeredAt"]) > MAX_AGE or not verified(hook, body):
        return {"statusCode": 401}
    sqs.send_message(
        QueueUrl=os.environ["PARTNER_QUEUE_URL"].replace("{partner}", hook["p"]),
        MessageGroupId=hook["c"],
        MessageBody=json.dumps(
            {
                "id": hashlib.sha256((hook_id + body["signature"]).encode()).hexdigest(),
                "connection": hook["c"],
                "event": body["event"],
                "triggeredAt": body["triggeredAt"],
                "receivedAt": now,
                "ids": {"opportunity": body["data"]["opportunityId"]},
            }
        ),
    )
    return {"statusCode": 200}


def main():
    runtime = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        runtime.request("GET", "/2018-06-01/runtime/invocation/next")
        response = runtime.getresponse()
        request_id = response.headers["Lambda-Runtime-Aws-Request-Id"]
        answer = json.dumps(handle(json.loads(response.read())), separators=(",", ":"))
        runtime.request("POST", f"/2018-06-01/runtime/invocation/{request_id}/response", body=answer)
        runtime.getresponse().read()


main()
