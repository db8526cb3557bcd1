import { brand } from "@/brand";

/** The mark on its tile; the name stands beside it as text. */
export function BrandMark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" className="flex-none">
      <rect width="32" height="32" rx="8" fill={brand.mark.tile} />
      <path transform="translate(4 4)" fill="#fff" fillRule="evenodd" d={brand.mark.path} />
    </svg>
  );
}
