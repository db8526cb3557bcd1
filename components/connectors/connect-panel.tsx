"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { type InitialConnections, useConnections } from "@/components/connections/use-connections";
import { AskButton } from "@/components/links/ask-button";
import { useOwner } from "@/components/shell/owner";
import type { OAuthMethod, Visibility } from "@/lib/api/views";
import { ConnectButton } from "./connect-button";
import { useConnect } from "./connect-provider";
import type { Unavailable } from "./connector-card";
import { connectorFilters } from "./connector-filters";
import { FallbackOffer } from "./fallback-offer";
import { useFailureText } from "./use-failure-text";
import { VisibilityChoice } from "./visibility-choice";

type Props = {
  slug: string;
  name: string;
  unavailable: Unavailable | null;
  method: OAuthMethod | null;
  initial: InitialConnections;
};

/** The way to connect an account, with the choice of who may use it said before. */
export function ConnectPanel({ slug, name, unavailable, method, initial }: Props) {
  const t = useTranslations("connector");
  const reasons = useTranslations("card.unavailable");
  const owner = useOwner();
  const { connections } = useConnections({ filters: connectorFilters(slug), initial });
  const [visibility, setVisibility] = useState<Visibility>("everyone");
  const { state } = useConnect();
  const failureText = useFailureText();
  const failed = state.phase === "failed" && state.slug === slug && !state.again ? state : null;
  if (unavailable) {
    // There is more room for the reason than on a card.
    const why =
      unavailable.kind === "needs_nango"
        ? t("needsNango")
        : unavailable.kind === "direct_not_configured"
          ? t("directNotConfigured", { name })
          : reasons(`${unavailable.kind}.why`);
    return (
      <section className="panel px-4 py-3.5" aria-labelledby="connect-title">
        <h2 id="connect-title" className="text-sm font-semibold">
          {reasons(`${unavailable.kind}.short`)}
        </h2>
        <p className="mt-0.5 text-sm text-ink-2">{unavailable.text ?? why}</p>
      </section>
    );
  }
  return (
    <section className="panel grid gap-3.5 p-4" aria-label={t("connectLabel")}>
      {owner.inOrganization ? (
        <VisibilityChoice value={visibility} onChange={setVisibility} organizationName={owner.organizationName} />
      ) : null}
      <ConnectButton
        slug={slug}
        name={name}
        look="solid"
        method={method ?? undefined}
        visibility={owner.inOrganization ? visibility : "everyone"}
        label={connections.length > 0 ? t("connectAnother") : t("connectOne", { name })}
      />
      {failed?.fallback ? (
        <FallbackOffer name={name} />
      ) : failed ? (
        <p className="text-sm font-medium text-bad">{failureText(failed.reason, failed)}</p>
      ) : null}
      <AskButton slug={slug} name={name} />
    </section>
  );
}
