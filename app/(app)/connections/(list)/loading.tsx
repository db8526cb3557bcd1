import { useTranslations } from "next-intl";
import { ConnectionListSkeleton } from "@/components/connections/connection-list";

export default function Loading() {
  const t = useTranslations("connections");
  return (
    <>
      <header className="mb-5">
        <h1 className="text-title font-semibold tracking-[-0.02em]">{t("title")}</h1>
        <p className="text-ink-2">{t("lead")}</p>
      </header>
      <div aria-hidden="true" className="h-9" />
      <div className="mt-4">
        <ConnectionListSkeleton label={t("loading")} />
      </div>
    </>
  );
}
