import { CircleCheck } from "lucide-react";
import { useFormatter, useTranslations } from "next-intl";
import { BeforeYouConnect } from "@/components/connectors/before-you-connect";
import { LogoTile } from "@/components/ui/logo-tile";
import type { OAuthMethod } from "@/lib/api/views";
import { connectorCard } from "@/lib/catalogue/connectors";
import type { Manifest } from "@/lib/catalogue/manifest";
import type { Invitation } from "@/lib/connect/links";
import { LinkBack } from "./link-back";
import { LinkConnect } from "./link-connect";

type Props = { token: string; invitation: Invitation; manifest: Manifest; method: OAuthMethod | null; own: boolean };

/** For a link that has an hour: its day alone would promise too much. */
const isNear = (end: Date): boolean => Math.abs(end.getTime() - Date.now()) < 86_400_000;
const toTheMinute = {
  ...({ year: "numeric", month: "long", day: "numeric", hour: "numeric", minute: "2-digit" } as const),
  ...({ timeZone: "UTC", timeZoneName: "short" } as const),
};

/** A program may ask for less than the connector does. */
function asking(manifest: Manifest, scopes: string[] | null): Manifest {
  return manifest.oauth && scopes ? { ...manifest, oauth: { ...manifest.oauth, default_scopes: scopes } } : manifest;
}

/**
 * Who asks for what, where it will belong, and the button; or that the link has ended, and what to do then.
 * `method` null: there is no way to connect it here now.
 */
export function InvitationPage({ token, invitation, manifest, method, own }: Props) {
  const t = useTranslations("invitation");
  const format = useFormatter();
  const { name } = manifest;
  const { status, organizationName, redirectUri } = invitation;
  const back = redirectUri !== null && invitation.leadsBack ? new URL(redirectUri).host : null;
  const person = invitation.asker.name ?? t("somebody");
  const way = (host: string, button: "leave" | "continue") => ({
    button: t(`back.${button}`, { host }),
    leaving: t("back.leaving", { host }),
    failed: t("back.failed", { host }),
  });
  const end = new Date(invitation.expiresAt);
  const date = format.dateTime(end, isNear(end) ? toTheMinute : { dateStyle: "long", timeZone: "UTC" });
  if (status !== "open") {
    const kind = status === "used" && own ? "usedYourself" : status;
    return (
      <Panel manifest={manifest} title={t(`${kind}.title`)}>
        {status === "used" ? (
          <p className="mb-1.5 flex gap-1.5 font-medium text-ink">
            <CircleCheck size={15} aria-hidden="true" className="mt-[3px] flex-none text-good" />
            {t("wasConnected", { name })}
          </p>
        ) : null}
        <p>{t(`${kind}.text`, { name, person, date })}</p>
        {back === null ? null : <LinkBack token={token} atOnce={status === "used"} words={way(back, "continue")} />}
      </Panel>
    );
  }
  if (method === null)
    return (
      <Panel manifest={manifest} title={t("unavailable.title", { name })}>
        <p>{t("unavailable.text", { person, date })}</p>
      </Panel>
    );
  const yours = back === null ? t("asksYourself", { name }) : t("asksFor", { name, host: back });
  const title = own ? yours : t("asks", { person, name });
  return (
    <div className="grid gap-[18px]">
      <Panel manifest={manifest} title={title}>
        <p className="font-medium text-ink">
          {organizationName === null ? t("belongsTo", { person }) : t("belongs", { organization: organizationName })}
        </p>
        <p className="mt-1.5 mb-4">{t("notYours", { name, owner: organizationName ?? person })}</p>
        <LinkConnect slug={manifest.slug} name={name} label={t("connect", { name })} method={method} />
        <p className="mt-3 text-xs text-ink-3">{t("once", { date })}</p>
        {back === null ? null : (
          <LinkBack token={token} words={{ ...way(back, "leave"), after: t("back.after", { host: back }) }} />
        )}
      </Panel>
      <BeforeYouConnect manifest={asking(manifest, invitation.scopes)} method={method} />
    </div>
  );
}

function Panel(props: { manifest: Manifest; title: string; children: React.ReactNode }) {
  return (
    <section className="panel flex items-start gap-4 p-4 max-sm:flex-col sm:p-5" aria-labelledby="page-title">
      <LogoTile logo={connectorCard(props.manifest).logo} size="lg" eager />
      <div className="min-w-0 flex-1 text-sm text-ink-2">
        <h1
          id="page-title"
          tabIndex={-1}
          className="wrap-any mb-2 text-title font-semibold tracking-[-0.02em] text-ink outline-none"
        >
          {props.title}
        </h1>
        {props.children}
      </div>
    </section>
  );
}
