import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";

/** The host inside the publishable key. Nothing listens there: the app reaches the stand-in through its own proxy path. */
const FRONTEND_HOST = "standin.patchbay.test";

/** What Clerk's SDK parses: `pk_live_` and the unpadded base64 of the host and one `$`. */
export const PUBLISHABLE_KEY = `pk_live_${Buffer.from(`${FRONTEND_HOST}$`).toString("base64").replace(/=+$/, "")}`;

export const ISSUER = `https://${FRONTEND_HOST}`;

/** The persisted part: one RSA key and one secret key per state folder. */
export type KeyState = { kid: string; privateKeyPem: string; secretKey: string };

export type SigningKeys = {
  kid: string;
  privateKey: KeyObject;
  secretKey: string;
  /** Signs webhooks. */
  webhookSecret: string;
  /** Public key in PEM, what the app passes to Clerk's SDK as jwtKey. */
  publicKeyPem: string;
  jwks: { keys: Record<string, unknown>[] };
};

/** Makes new keys. The secret key says that it is a stand-in, so that a real deployment can refuse it. */
export function createKeyState(): KeyState {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    kid: `ins_standin_${randomBytes(8).toString("hex")}`,
    privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    secretKey: `sk_live_standin_${randomBytes(24).toString("hex")}`,
  };
}

export function loadKeys(state: KeyState): SigningKeys {
  const privateKey = createPrivateKey(state.privateKeyPem);
  const publicKey = createPublicKey(privateKey);
  const jwk = publicKey.export({ format: "jwk" });
  return {
    kid: state.kid,
    privateKey,
    secretKey: state.secretKey,
    // Says that it is a stand-in's, and is base64 all the same.
    webhookSecret: `whsec_standin+${createHash("sha256").update(state.secretKey).digest("base64").slice(0, 32)}`,
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    jwks: { keys: [{ ...jwk, kid: state.kid, use: "sig", alg: "RS256" }] },
  };
}
