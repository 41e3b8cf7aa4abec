import { definePlugin } from '@limiquantix/plugin-sdk';

export default definePlugin(() => ({})) as ReturnType<typeof definePlugin>;
