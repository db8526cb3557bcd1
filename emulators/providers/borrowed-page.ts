import { brand } from "@/brand";
import type { GateService } from "./gate-service";
import type { Asked } from "./oauth";
import { denyForm, escapeHtml, STYLE, scopeList } from "./pages";
import { html } from "./wire";

/** The application that `emulate` is told about. The real check of clients and redirects is the gate's. */
export const INTERNAL_CLIENT = {
  client_id: "gate",
  client_secret: "gate",
  name: brand.name,
  redirect_uris: ["http://127.0.0.1/gate"],
};

/**
 * `emulate`'s consent page, made fit to be shown: without its default users, with what is asked for, a way to say no,
 * and in our colours. The application's request travels in the page's own state field.
 */
export async function borrowConsentPage(o: {
  service: GateService;
  internal: string;
  page: string;
  form: string;
  asked: Asked;
  blob: string;
}): Promise<Response> {
  const query = new URLSearchParams({
    client_id: INTERNAL_CLIENT.client_id,
    redirect_uri: INTERNAL_CLIENT.redirect_uris[0] as string,
    response_type: "code",
    state: o.blob,
  });
  const page = await (await fetch(`${o.internal}${o.page}?${query}`)).text();
  const known = o.service.accounts.map((account) => `>${escapeHtml(account.key)}<`);
  const shown = page
    .replace(/<style>[\s\S]*?<\/style>/, `<style>${STYLE}</style>`)
    .replace(/<form class="user-form"[\s\S]*?<\/form>/g, (form) =>
      known.some((key) => form.includes(key)) ? form : "",
    )
    .replace(/<div class="user-meta">([\s\S]*?)<\/div>/g, '<span class="user-meta">$1</span>')
    // The login line already says the address where the login is one.
    .replace(
      /(<span class="user-login">([^<]*)<\/span>[\s\S]*?)<div class="user-email">([^<]*)<\/div>/g,
      (_, rest, login, email) => (login === email ? rest : `${rest}<span class="user-email"> ${email}</span>`),
    )
    .replaceAll('<span class="avatar">', '<span class="avatar" aria-hidden="true">')
    .replace(
      /<div class="card-title">[\s\S]*?<\/div>/,
      `<h1 class="card-title">Sign in to ${escapeHtml(o.service.title)}</h1>`,
    )
    .replace(
      /<div class="card-subtitle">[\s\S]*?<\/div>/,
      `<p class="card-subtitle"><strong>${INTERNAL_CLIENT.name}</strong> would like to use your account. Choose which one.</p>${scopeList([...o.asked.scopes, ...o.asked.userScopes])}`,
    )
    .replace('<div class="content">', '<div class="content" role="main">')
    .replace('<div class="emu-bar">', '<div class="emu-bar" role="banner">')
    .replace(
      '<div class="powered-by">',
      `<div class="powered-by" role="contentinfo">A stand-in for ${escapeHtml(o.service.title)}, on this machine only. `,
    );
  const lastForm = shown.lastIndexOf("</form>") + "</form>".length;
  const deny = denyForm(o.form, { deny: "1", state: o.blob });
  return html(`${shown.slice(0, lastForm)}\n${deny}${shown.slice(lastForm)}`);
}
