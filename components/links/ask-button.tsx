"use client";

import { Send } from "lucide-react";
import { useTranslations } from "next-intl";
import { lazy, Suspense, useState } from "react";

const AskDialog = lazy(() => import("./ask-dialog").then((module) => ({ default: module.AskDialog })));

/** For when somebody else has the account. */
export function AskButton({ slug, name }: { slug: string; name: string }) {
  const t = useTranslations("links.ask");
  const [asking, setAsking] = useState(false);
  return (
    <>
      <button type="button" className="btn btn-ghost" onClick={() => setAsking(true)}>
        <Send size={14} aria-hidden="true" />
        {t("button")}
      </button>
      <Suspense>{asking ? <AskDialog slug={slug} name={name} onClose={() => setAsking(false)} /> : null}</Suspense>
    </>
  );
}
