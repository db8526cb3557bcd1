import { useTranslations } from "next-intl";
import { Breadcrumbs } from "@/components/ui/breadcrumbs";

export function LinksHeader() {
  const t = useTranslations("links");
  return (
    <>
      <Breadcrumbs here={t("title")} from="connections" />
      <header className="mb-5">
        <h1 id="page-title" tabIndex={-1} className="text-title font-semibold tracking-[-0.02em] outline-none">
          {t("title")}
        </h1>
        <p className="text-ink-2">{t("lead")}</p>
      </header>
    </>
  );
}
