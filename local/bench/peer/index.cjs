// The webhook function as one would write it for Node: the AWS SDK's clients made
// outside the handler, the signing token kept in memory. It takes events from Lambda's
// Runtime API, as Amazon's Node runtime does.
"use strict";
const crypto = require("node:crypto");
const http = require("node:http");
const { SQSClient, SendMessageCommand } = require("@aws-sdk/client-sqs");
const { SecretsManagerClient, GetSecretValueCommand } = require("@aws-sdk/client-secrets-manager");

// Elsewhere than at AWS the queue is at the endpoint that AWS_ENDPOINT_URL names.
const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
const secrets = new SecretsManagerClient({});
const maxAge = 15 * 24 * 3600 * 1000;
let hooks;

async function load() {
  const id = process.env.SIGNING_SECRET_PREFIX + "0";
  const secret = await secrets.send(new GetSecretValueCommand({ SecretId: id }));
  hooks = JSON.parse(secret.SecretString).hooks;
}

function verified(hook, body) {
  return hook.k.some(({ t }) => {
    const made = crypto.createHmac("sha256", t).update(body.token + body.triggeredAt).digest("hex");
    return made.length === body.signature.length && crypto.timingSafeEqual(Buffer.from(made), Buffer.from(body.signature));
  });
}

async function handle(event) {
  const id = event.pathParameters.hook;
  const hook = hooks[id];
  const body = JSON.parse(event.body);
  if (!hook || Math.abs(Date.now() - body.triggeredAt) > maxAge || !verified(hook, body)) {
    return { statusCode: 401 };
  }
  await sqs.send(new SendMessageCommand({
    QueueUrl: process.env.PARTNER_QUEUE_URL.replace("{partner}", hook.p),
    MessageGroupId: hook.c,
    MessageBody: JSON.stringify({
      id: crypto.createHash("sha256").update(id + body.signature).digest("hex"),
      connection: hook.c, event: body.event, triggeredAt: body.triggeredAt, receivedAt: Date.now(),
      ids: { opportunity: body.data.opportunityId },
    }),
  }));
  return { statusCode: 200 };
}

const agent = new http.Agent({ keepAlive: true });
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ agent, host, port, method, path: "/2018-06-01/runtime/invocation/" + path }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({ id: response.headers["lambda-runtime-aws-request-id"], body: Buffer.concat(parts).toString() }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function main() {
  await load();
  for (;;) {
    const { id, body } = await call("GET", "next");
    await call("POST", id + "/response", JSON.stringify(await handle(JSON.parse(body))));
  }
}

main().catch((error) => { console.error(error); process.exit(1); });
