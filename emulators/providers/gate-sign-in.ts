import { brand } from "@/brand";
import { borrowConsentPage } from "./borrowed-page";
import type { GateCall, GateService } from "./gate-service";
import { type Asked, type Codes, readAsked } from "./oauth";
import { consentPage, errorPage } from "./pages";
import { redirectWith } from "./wire";

/**
 * A service's consent page and its answer; null for every other call.
 * @param gate.ours what we call something that `emulate` made up an id for
 */
export async function gateSignInPage(
  service: GateService,
  { sent, method, path, registry }: GateCall,
  gate: { codes: Codes; internal: string; ours(theirs: string | undefined): string | undefined },
): Promise<Response | null> {
  const { signIn } = service;
  if (!signIn) return null;
  const form = signIn.borrowed?.form ?? "/_consent";
  if (method === "GET" && signIn.authorize.test(path)) {
    const read = readAsked(registry, sent, signIn.offline);
    if (read.problem !== undefined) return errorPage("This request cannot go on", read.problem);
    const wrong = signIn.wrongScope?.(read.asked);
    if (wrong) return errorPage("Invalid scope", wrong);
    const blob = Buffer.from(JSON.stringify(read.asked)).toString("base64url");
    if (signIn.borrowed)
      return borrowConsentPage({
        service,
        internal: gate.internal,
        page: signIn.borrowed.page,
        form,
        asked: read.asked,
        blob,
      });
    return consentPage({
      provider: service.title,
      application: brand.name,
      scopes: read.asked.scopes,
      action: form,
      choices: service.accounts.map(({ name, email, key }) => ({
        name,
        detail: email,
        account: key,
      })),
      fields: { state: blob },
    });
  }
  if (method !== "POST" || path !== form) return null;
  const asked = readBlob(sent.params.state);
  // The blob came back through the browser, so it is checked again.
  const read =
    asked &&
    readAsked(
      registry,
      { ...sent, params: { client_id: asked.clientId, redirect_uri: asked.redirectUri } },
      () => false,
    );
  if (!asked || !read || read.problem !== undefined)
    return errorPage("This request cannot go on", "It was changed on the way.");
  if (sent.params.deny) return redirectWith(asked.redirectUri, { ...signIn.denied, state: asked.state });
  const chosen = sent.params[signIn.borrowed?.field ?? "account"];
  const account = service.accounts.find(({ key, id }) => [key, id].includes(chosen ?? "") || gate.ours(chosen) === id);
  if (!account) return errorPage("No such account", "Choose one of the accounts on the page.");
  return redirectWith(asked.redirectUri, { code: gate.codes.issue(asked, account), state: asked.state });
}

function readBlob(text: string | undefined): Asked | null {
  try {
    return JSON.parse(Buffer.from(text ?? "", "base64url").toString("utf8")) as Asked;
  } catch {
    return null;
  }
}
