import { createHash, createHmac } from "node:crypto";
import type { Connection, Integration } from "../model";
import { at } from "./interpolate";

interface AwsKeys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
  region: string;
  service: string;
}

/** The headers that sign a call for AWS (Signature Version 4): date, content hash, token, authorization. */
function signAws(
  keys: AwsKeys,
  method: string,
  url: URL,
  body: Uint8Array | string | undefined,
  now = new Date(),
): Record<string, string> {
  const date = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const day = date.slice(0, 8);
  const bodyHash = sha256(body ?? "");
  const signed: Record<string, string> = {
    host: url.host,
    "x-amz-content-sha256": bodyHash,
    "x-amz-date": date,
    ...(keys.sessionToken ? { "x-amz-security-token": keys.sessionToken } : {}),
  };
  const names = Object.keys(signed).sort();
  const query = [...url.searchParams]
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .sort()
    .join("&");
  const headerLines = names.map((name) => `${name}:${signed[name]}\n`).join("");
  const canonical = [method.toUpperCase(), url.pathname, query, headerLines, names.join(";"), bodyHash].join("\n");
  const scope = `${day}/${keys.region}/${keys.service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", date, scope, sha256(canonical)].join("\n");
  const key = [day, keys.region, keys.service, "aws4_request"].reduce<Buffer | string>(
    hmac,
    `AWS4${keys.secretAccessKey}`,
  );
  const signature = hmac(key, toSign).toString("hex");
  const { host: _host, ...headers } = signed;
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return headers;
}

/** For connections that assumed a role. */
export function awsHeaders(
  integration: Integration,
  { credentials, connectionConfig }: Pick<Connection, "credentials" | "connectionConfig">,
  method: string,
  url: URL,
  body: Uint8Array | string | undefined,
): Record<string, string> {
  return signAws(
    {
      accessKeyId: String(credentials.access_key_id ?? ""),
      secretAccessKey: String(credentials.secret_access_key ?? ""),
      sessionToken: credentials.session_token as string | undefined,
      region: String(credentials.region ?? connectionConfig.region ?? integration.custom.defaultRegion ?? "us-east-1"),
      service: String(credentials.service ?? integration.custom.service ?? "s3"),
    },
    method,
    url,
    body,
  );
}

/** `${awsSigV4(key, secret, region, service, host)}` in a header of the catalogue. Undefined for any other text. */
export function awsMacroHeader(
  text: string,
  method: string,
  url: URL,
  body: Uint8Array | string | undefined,
  values: Record<string, unknown>,
): string | undefined {
  const call = /^\$\{awsSigV4\((.*)\)\}$/.exec(text);
  if (!call) return undefined;
  const [accessKeyId = "", secretAccessKey = "", region = "", service = ""] = (call[1] ?? "")
    .split(",")
    .map((argument) =>
      argument.trim().replace(/\$\{([^}]+)\}/g, (_whole, name: string) => String(at(values, name) ?? "")),
    );
  return signAws({ accessKeyId, secretAccessKey, region, service }, method, url, body).authorization;
}

function sha256(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}
function hmac(key: Buffer | string, data: string): Buffer {
  return createHmac("sha256", key).update(data).digest();
}
