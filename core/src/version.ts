// Filled in by the bundler; a source tree has none of them.
declare const LIMIQUANTIX_VERSION: string | undefined;
declare const LIMIQUANTIX_BUILD_TIME: string | undefined;
declare const LIMIQUANTIX_BUILD_COMMIT: string | undefined;

export const VERSION: string =
  typeof LIMIQUANTIX_VERSION === 'string' ? LIMIQUANTIX_VERSION : '0.0.0-source';
/** RFC 3339; empty where unknown. */
export const BUILD_TIME: string =
  typeof LIMIQUANTIX_BUILD_TIME === 'string' ? LIMIQUANTIX_BUILD_TIME : '';
export const BUILD_COMMIT: string =
  typeof LIMIQUANTIX_BUILD_COMMIT === 'string' ? LIMIQUANTIX_BUILD_COMMIT : '';
