import Link from "next/link";
import { useTranslations } from "next-intl";

export default function ConnectionNotFound() {
  const t = useTranslations("connections.page");
  return (
    <div className="panel mx-auto mt-10 grid max-w-lg justify-items-center gap-1 px-6 py-14 text-center">
      <h1 className="text-base font-semibold">{t("notFoundTitle")}</h1>
      <p className="mb-3 text-sm text-ink-2">{t("notFoundText")}</p>
      <Link href="/connections" className="btn">
        {t("all")}
      </Link>
    </div>
  );
}
