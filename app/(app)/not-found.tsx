import Link from "next/link";
import { useTranslations } from "next-intl";

export default function AppNotFound() {
  const t = useTranslations("notFound");
  return (
    <div className="panel mx-auto mt-10 grid max-w-lg justify-items-center gap-1 px-6 py-14 text-center">
      <h1 className="text-base font-semibold">{t("connectorTitle")}</h1>
      <p className="mb-3 text-sm text-ink-2">{t("connectorText")}</p>
      <Link href="/connectors" className="btn">
        {t("connectors")}
      </Link>
    </div>
  );
}
