// The library declares its types for its index alone, which loads all of it.
declare module 'systeminformation/lib/graphics.js' {
  export function graphics(): Promise<import('systeminformation').Systeminformation.GraphicsData>;
}
