import { CircleCheck } from "lucide-react";
import { useFormatter, useTranslations } from "next-intl";
import { BeforeYouConnect } from "@/components/connectors/before-you-connect";
import { LogoTile } from "@/components/ui/logo-tile";
import type { OAuthMethod } from "@/lib/api/views";
import { connectorCard } from "@/lib/catalogue/connectors";
import type { Manifest } from "@/lib/catalogue/manifest";
import type { Invitation } from "@/lib/connect/links";
import { LinkConnect } from "./link-connect";

type Props = { invitation: Invitation; manifest: Manifest; method: OAuthMethod | null; own: boolean };

/**
 * Who asks for what, where it will belong, and the button; or that the link has ended, and what to do then.
 * `method` null: there is no way to connect it here now.
 */
export function InvitationPage({ invitation, manifest, method, own }: Props) {
  const t = useTranslations("invitation");
  const format = useFormatter();
  const { name } = manifest;
  const { status, organizationName } = invitation;
  const person = invitation.asker.name ?? t("somebody");
  const date = format.dateTime(new Date(invitation.expiresAt), { dateStyle: "long", timeZone: "UTC" });
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
      </Panel>
    );
  }
  if (method === null)
    return (
      <Panel manifest={manifest} title={t("unavailable.title", { name })}>
        <p>{t("unavailable.text", { person, date })}</p>
      </Panel>
    );
  return (
    <div className="grid gap-[18px]">
      <Panel manifest={manifest} title={own ? t("asksYourself", { name }) : t("asks", { person, name })}>
        <p className="font-medium text-ink">
          {organizationName === null ? t("belongsTo", { person }) : t("belongs", { organization: organizationName })}
        </p>
        <p className="mt-1.5 mb-4">{t("notYours", { name, owner: organizationName ?? person })}</p>
        <LinkConnect slug={manifest.slug} name={name} label={t("connect", { name })} method={method} />
        <p className="mt-3 text-xs text-ink-3">{t("once", { date })}</p>
      </Panel>
      <BeforeYouConnect manifest={manifest} method={method} />
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
