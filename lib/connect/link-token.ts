import "server-only";
import { randomBytes } from "node:crypto";

/** What opens a link. 256 bits; what it is made of needs no escaping in an address. */
export const newToken = (): string => randomBytes(32).toString("base64url");
