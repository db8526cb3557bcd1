/** Session tokens as Clerk signs them (version 2), by a key of the test's own, with the JWKS served over HTTP. */
import { createServer } from "node:http";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";

export type TokenSource = {
  issuer: string;
  jwksUrl: string;
  /** A token that is good for a minute; claims given replace the usual ones, null leaves one out. */
  sign(claims: Record<string, unknown>): Promise<string>;
  /** The same, signed by a key that is not in the JWKS under the kid of the one that is. */
  forge(claims: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
};

export async function startTokenIssuer(): Promise<TokenSource> {
  const issuer = "https://standin.patchbay.test";
  const [real, foreign] = await Promise.all([generateKeyPair("RS256"), generateKeyPair("RS256")]);
  const jwk = { ...(await exportJWK(real.publicKey)), kid: "test-key", alg: "RS256", use: "sig" };
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "application/json").end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = address && typeof address === "object" ? address.port : 0;
  const make = (key: CryptoKey) => async (claims: Record<string, unknown>) => {
    const now = Math.floor(Date.now() / 1000);
    const all = {
      iss: issuer,
      role: "authenticated",
      v: 2,
      sts: "active",
      iat: now,
      nbf: now,
      exp: now + 60,
      ...claims,
    };
    const present = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
    return new SignJWT(present as JWTPayload)
      .setProtectedHeader({ alg: "RS256", kid: "test-key", typ: "JWT" })
      .sign(key);
  };
  return {
    issuer,
    jwksUrl: `http://127.0.0.1:${port}/jwks.json`,
    sign: make(real.privateKey),
    forge: make(foreign.privateKey),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
