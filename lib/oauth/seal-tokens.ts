import "server-only";
import type { Credentials, SealedTokens } from "@/lib/db/oauth";
import { activeKeyId, seal, unseal } from "./keyring";
import type { Tokens } from "./token-call";

/** Tokens as they are stored: each encrypted for this connection and its own field. @throws AppError misconfigured */
export function sealTokens(
  connectionId: string,
  tokens: Pick<Tokens, "access" | "refresh" | "expiresAt">,
): SealedTokens {
  const { access, refresh, expiresAt } = tokens;
  return {
    keyId: activeKeyId(),
    access: seal(access, { id: connectionId, field: "access_token" }).bytes,
    refresh: refresh === null ? null : seal(refresh, { id: connectionId, field: "refresh_token" }).bytes,
    expiresAt,
  };
}

/** @throws AppError misconfigured */
export function unsealTokens(stored: Credentials): { access: string; refresh: string | null } {
  const { connectionId: id, keyId } = stored;
  return {
    access: unseal({ keyId, bytes: stored.access }, { id, field: "access_token" }),
    refresh: stored.refresh && unseal({ keyId, bytes: stored.refresh }, { id, field: "refresh_token" }),
  };
}
