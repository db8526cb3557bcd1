import { html } from "./wire";

/** One account that can be chosen on a consent page; its button sends `account`. */
type Choice = { name: string; detail: string; account: string };

export type ConsentPage = {
  provider: string;
  application: string;
  scopes: string[];
  /** Whether each scope can be unticked; see grantedScopes. */
  optional?: boolean;
  action: string;
  choices: Choice[];
  /** What every answer sends along; Deny sends `deny` besides. */
  fields: Record<string, string>;
};

/** The look of every page here, those of `emulate` included: quiet, legible, light or dark as the person's system is. */
export const STYLE = `
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--text:#16181d;--soft:#555b66;--line:#d5d9e0;--hover:#eef1f6;--accent:#2f5bea}
@media (prefers-color-scheme:dark){:root{--page:#101216;--card:#191c22;--text:#eceef2;--soft:#a8afbc;--line:#343a45;--hover:#232833;--accent:#9db4ff}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;align-items:center;gap:12px;padding:20px 16px;background:var(--page);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.emu-bar,.powered-by,.note{width:100%;max-width:440px;color:var(--soft);font-size:13px;text-align:center}
.emu-bar-links{display:none}
.content{width:100%;max-width:440px;background:var(--card);border:1px solid var(--line);border-radius:14px;padding:22px}
.card-title,.error-title{margin:0 0 6px;font-size:21px;line-height:1.3;font-weight:650;letter-spacing:-.01em}
.card-subtitle,.error-msg,.scopes{margin:0 0 14px;color:var(--soft);font-size:15px}
.card-subtitle strong{color:var(--text)}
.scopes ul{margin:6px 0 0;padding-left:20px}
.scopes code{font:13px ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.user-form{margin:0 0 8px}
fieldset.scopes{border:0;padding:0;min-width:0}
fieldset.scopes legend{padding:0}
fieldset.scopes ul{list-style:none;padding:0}
fieldset.scopes label{display:flex;gap:10px;align-items:center;min-height:32px}
fieldset.scopes input{flex:none;width:18px;height:18px;accent-color:var(--accent)}
form>.user-btn{margin:0 0 8px}
.user-btn,.deny-btn{width:100%;min-height:44px;font:inherit;color:inherit;border-radius:10px;border:1px solid var(--line);background:transparent;cursor:pointer}
.user-btn{display:flex;align-items:center;gap:12px;padding:8px 14px;text-align:left}
.user-btn:hover,.deny-btn:hover{background:var(--hover)}
.user-btn:focus-visible,.deny-btn:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.avatar{flex:none;width:36px;height:36px;border-radius:50%;display:grid;place-items:center;background:var(--hover);border:1px solid var(--line);font-weight:600;text-transform:uppercase}
.user-text{min-width:0;overflow-wrap:anywhere}
.user-login{display:block;font-weight:600}
.user-meta,.user-email{color:var(--soft);font-size:14px}
.deny-btn{margin-top:4px;padding:8px 14px}
a{color:var(--accent)}
`;

/** A consent page: whose application asks for what, one button per account, and Deny. Needs no script. */
export function consentPage(page: ConsentPage): Response {
  const choices = page.choices.map(
    (
      choice,
    ) => `<button type="submit" name="account" value="${escapeHtml(choice.account)}" class="user-btn"><span class="avatar" aria-hidden="true">${escapeHtml(choice.name.slice(0, 1))}</span>
<span class="user-text"><span class="user-login">${escapeHtml(choice.name)}</span> <span class="user-email">${escapeHtml(choice.detail)}</span></span></button>`,
  );
  return html(
    shell(
      `Sign in to ${page.provider}`,
      `<h1 class="card-title">Sign in to ${escapeHtml(page.provider)}</h1>
<p class="card-subtitle"><strong>${escapeHtml(page.application)}</strong> would like to use your account. Choose which one.</p>
<form method="post" action="${escapeHtml(page.action)}">${hidden(page.fields)}
${page.optional ? scopeChoice(page.scopes) : scopeList(page.scopes)}${choices.join("\n")}</form>
${denyForm(page.action, { ...page.fields, deny: "1" })}`,
      `A stand-in for ${page.provider}, on this machine only. No real account is involved.`,
    ),
  );
}

/** What a provider shows when the application's request itself is wrong: it cannot redirect then. */
export function errorPage(title: string, message: string): Response {
  return html(
    shell(
      title,
      `<h1 class="error-title">${escapeHtml(title)}</h1><p class="error-msg">${escapeHtml(message)}</p>`,
      "",
    ),
    400,
  );
}

export function scopeList(scopes: string[]): string {
  if (scopes.length === 0) return "";
  const items = scopes.map((scope) => `<li><code>${escapeHtml(scope)}</code></li>`).join("");
  return `<div class="scopes">It asks for:<ul>${items}</ul></div>`;
}

function scopeChoice(scopes: string[]): string {
  if (scopes.length === 0) return "";
  const items = scopes.map(
    (scope, at) =>
      `<li><label><input type="checkbox" name="scope_${at}" value="on" checked> <code>${escapeHtml(scope)}</code></label></li>`,
  );
  return `<fieldset class="scopes"><legend>It asks for what is ticked. You may leave some of it out:</legend>
<input type="hidden" name="scopes_shown" value="1"><ul>${items.join("")}</ul></fieldset>`;
}

/** The scopes that a person left ticked. An answer that was made without the page grants all of them. */
export function grantedScopes(asked: string[], params: Record<string, string>): string[] {
  return params.scopes_shown === "1" ? asked.filter((_, at) => params[`scope_${at}`] === "on") : asked;
}

export function denyForm(action: string, fields: Record<string, string>): string {
  return `<form method="post" action="${escapeHtml(action)}">${hidden(fields)}<button type="submit" class="deny-btn">Deny</button></form>`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function hidden(fields: Record<string, string>): string {
  return Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join("");
}

function shell(title: string, body: string, note: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="icon" href="data:,"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><main class="content">${body}</main>${note ? `<footer class="note">${escapeHtml(note)}</footer>` : ""}</body></html>`;
}
