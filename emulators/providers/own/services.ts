import type { ApiCall } from "../generic/api";
import type { Account } from "../types";
import { bamboohr } from "./bamboohr";
import { hubspot } from "./hubspot";
import { notion } from "./notion";
import type { OwnService } from "./own-service";
import { pipedrive } from "./pipedrive";
import { Records } from "./records";
import { salesforce } from "./salesforce";
import { whatsapp } from "./whatsapp";

/**
 * Services of our own, behind the generic provider's sign-in: what is created there is kept, each account's apart, and can
 * be read again through their API or the control API.
 */
const services: OwnService[] = [hubspot, salesforce, pipedrive, bamboohr, whatsapp, notion];

export function newRecords(): Records {
  return new Records((name, kind) => structuredClone(services.find((each) => each.name === name)?.seed[kind] ?? []));
}

/** null: none of them has such a call. */
export function ownAnswer(call: ApiCall, account: Account, records: Records): Response | null {
  for (const service of services) {
    const answer = service.answer(call, account, records);
    if (answer) return answer;
  }
  return null;
}
