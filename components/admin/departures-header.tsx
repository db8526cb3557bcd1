import { useTranslations } from "next-intl";

export function DeparturesHeader() {
  const t = useTranslations("peopleLeft");
  return (
    <header className="mb-5">
      <h1 id="page-title" tabIndex={-1} className="text-title font-semibold tracking-[-0.02em] outline-none">
        {t("title")}
      </h1>
      <p className="text-ink-2">{t("lead")}</p>
    </header>
  );
}
