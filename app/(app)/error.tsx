"use client";

import { RefreshCw } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { startTransition } from "react";

type Props = { error: Error & { digest?: string }; reset: () => void };

/** A page that could not be drawn. What is around it goes on working, and the retry asks the server again. */
export default function AppError({ error, reset }: Props) {
  const t = useTranslations("failure");
  const router = useRouter();
  const retry = () =>
    startTransition(() => {
      router.refresh();
      reset();
    });
  return (
    <div role="alert" className="panel mx-auto mt-10 grid max-w-lg justify-items-center gap-1 px-6 py-14 text-center">
      <h1 className="text-base font-semibold">{t("title")}</h1>
      <p className="mb-3 text-sm text-ink-2">{t("text")}</p>
      <button type="button" className="btn btn-solid" onClick={retry}>
        <RefreshCw size={14} aria-hidden="true" />
        {t("retry")}
      </button>
      {error.digest ? <p className="mt-3 text-xs text-ink-3">{t("reference", { id: error.digest })}</p> : null}
    </div>
  );
}
