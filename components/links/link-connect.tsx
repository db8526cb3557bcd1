"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { ConnectButton } from "@/components/connectors/connect-button";
import { useConnect } from "@/components/connectors/connect-provider";
import { FallbackOffer } from "@/components/connectors/fallback-offer";
import { useFailureText } from "@/components/connectors/use-failure-text";
import type { OAuthMethod } from "@/lib/api/views";

type Props = { slug: string; name: string; label: string; method: OAuthMethod };

/** The button of a link, and what went wrong. A link that ended meanwhile shows so: the page is asked for again. */
export function LinkConnect({ slug, name, label, method }: Props) {
  const { state } = useConnect();
  const failureText = useFailureText();
  const router = useRouter();
  const failed = state.phase === "failed" ? state : null;
  const reason = failed?.reason;
  useEffect(() => {
    if (reason === "link_finished" || reason === "not_found" || reason === "outcome:cancelled") router.refresh();
  }, [reason, router]);
  return (
    <div className="grid justify-items-start gap-2">
      <ConnectButton slug={slug} name={name} label={label} method={method} look="solid" />
      {failed ? <p className="text-sm font-medium text-bad">{failureText(failed.reason, failed)}</p> : null}
      {failed?.fallback ? <FallbackOffer name={name} /> : null}
    </div>
  );
}
