import { useTranslations } from "next-intl";

/** Small on purpose: Next puts it into every page, ready to be shown. */
export default function NotFound() {
  const t = useTranslations("notFound");
  return (
    <main className="mx-auto grid max-w-lg justify-items-center gap-1 px-6 py-28 text-center">
      <h1 className="text-title font-semibold">{t("title")}</h1>
      <p className="mb-4">{t("text")}</p>
      <a href="/" className="btn">
        {t("home")}
      </a>
    </main>
  );
}
