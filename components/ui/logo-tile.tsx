export type Logo = { src: string | null; letter: string };

/** A brand's mark on a white tile, in both themes; a letter where there is no mark. The name is always beside it. */
export function LogoTile({ logo, size = "md", eager }: { logo: Logo; size?: "sm" | "md" | "lg"; eager?: boolean }) {
  const pixels = { sm: 17, md: 24, lg: 32 }[size];
  return (
    <span className={size === "md" ? "tile" : `tile tile-${size}`} aria-hidden="true">
      {logo.src ? (
        // biome-ignore lint/performance/noImgElement: small SVG files of our own; the image optimiser does not take SVG
        <img src={logo.src} alt="" width={pixels} height={pixels} loading={eager ? undefined : "lazy"} />
      ) : (
        logo.letter
      )}
    </span>
  );
}
