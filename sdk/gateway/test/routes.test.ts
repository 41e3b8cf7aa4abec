import {
  AgentError,
  ClipboardGet,
  ClipboardType,
  ClipboardUpdate,
  ConfigureNetwork,
  CreateDirectory,
  DisplayResize,
  Execute,
  FileDelete,
  FileStat,
  GetCapabilities,
  GetHardwareInfo,
  KillProcess,
  ListDirectory,
  ListInstalledSoftware,
  ListPlugins,
  ListProcesses,
  ListServices,
  Ping,
  PluginAction,
  PluginControl,
  PluginState,
  Quiesce,
  ResetPassword,
  ServiceAction,
  ServiceControl,
  Shutdown,
  ShutdownType,
  SyncTime,
  Telemetry,
  Thaw,
} from '@limiquantix/agent-proto';
import { describe, expect, test } from 'vitest';
import { QUIESCE } from '../src/routes/quiesce.ts';
import { eventually, startGateway, startVm } from './gateway-under-test.ts';
import { on } from './scripted-agent.ts';

describe('ping', () => {
  test('answers version and uptime', async () => {
    const { ask } = await startVm(on(Ping, () => ({ version: '0.1.0', uptimeSeconds: 3600 })));
    expect(await ask('/ping', {})).toEqual({
      status: 200,
      body: { connected: true, version: '0.1.0', uptime_seconds: 3600 },
    });
  });

  test('needs neither a body nor a content type', async () => {
    const { fetch } = await startVm(on(Ping, () => ({ version: '0.1.0' })));
    const response = await fetch('/ping', { method: 'POST' });
    expect(response.status).toBe(200);
  });

  test('tells that a known VM is not connected, and why', async () => {
    const { ask, agent } = await startVm();
    // The socket's file stays, as that of a hypervisor that was killed.
    await agent.crash();
    await eventually(async () => (await ask('/ping', {})).status === 200);
    const { body } = await ask('/ping', {});
    expect(body).toEqual({ connected: false, reason: expect.stringContaining('connection') });
  });

  test('does not know other VMs', async () => {
    const { fetch } = await startGateway();
    const response = await fetch('/vms/nobody/agent/ping', { method: 'POST' });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'QXGA-1001', status: 404 });
  });
});

describe('execute', () => {
  test('passes the command on and answers what it wrote', async () => {
    const { ask, agent } = await startVm(
      on(Execute, () => ({ exitCode: 3, stdout: 'out', stderr: 'err', durationMs: 45 })),
    );
    const { status, body } = await ask('/execute', {
      command: 'systemctl',
      args: ['status', 'nginx'],
      timeout_seconds: 30,
      run_as_user: 'root',
      environment: { LANG: 'C' },
      stdin: 'input',
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      exit_code: 3,
      stdout: 'out',
      stderr: 'err',
      duration_ms: 45,
      timed_out: false,
      stdout_truncated: false,
      stderr_truncated: false,
      signal: 0,
    });
    expect(agent.calls[0]?.request).toMatchObject({
      command: 'systemctl',
      args: ['status', 'nginx'],
      timeoutSeconds: 30,
      runAsUser: 'root',
      environment: { LANG: 'C' },
      stdin: Buffer.from('input'),
    });
  });

  test('takes bytes for stdin', async () => {
    const { ask, agent } = await startVm(on(Execute, () => ({})));
    await ask('/execute', { command: 'cat', stdin: '/wA=', stdin_encoding: 'base64' });
    expect(agent.calls[0]?.request).toMatchObject({ stdin: Buffer.from([0xff, 0]) });
  });

  test('keeps the output of a command that ran out of time', async () => {
    const { ask } = await startVm(
      on(Execute, () => ({
        exitCode: -1,
        signal: 9,
        stdout: 'half',
        timedOut: true,
        error: 'QXGA-3003: Command timed out',
      })),
    );
    const { status, body } = await ask('/execute', { command: 'sleep 60' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ timed_out: true, stdout: 'half', signal: 9 });
    expect(body.error).toContain('QXGA-3003');
  });

  test('a command that did not start is a problem', async () => {
    const { ask } = await startVm(
      on(Execute, () => {
        throw new AgentError('USER_NOT_FOUND', { detail: 'nobody2', context: 'run_as_user' });
      }),
    );
    expect(await ask('/execute', { command: 'id', run_as_user: 'nobody2' })).toEqual({
      status: 404,
      body: {
        type: 'urn:limiquantix:error:QXGA-3005',
        title: 'Specified user not found',
        status: 404,
        detail: 'Specified user not found: nobody2',
        code: 'QXGA-3005',
        name: 'USER_NOT_FOUND',
        context: 'run_as_user',
        resolution: 'Check run_as_user value',
      },
    });
  });
});

describe('files', () => {
  const entry = { name: 'a', path: '/d/a', sizeBytes: 5, mode: 0o644, owner: 'root' };

  test('list', async () => {
    const { ask, agent } = await startVm(
      on(ListDirectory, () => ({ entries: [entry], continuationToken: 'a', totalEntries: 9 })),
    );
    const request = { path: '/d', include_hidden: true, max_entries: 1 };
    const { status, body } = await ask('/files/list', request);
    expect(status).toBe(200);
    expect(body).toMatchObject({ continuation_token: 'a', total_entries: 9 });
    expect(body.entries[0]).toMatchObject({ name: 'a', size_bytes: 5, is_directory: false });
    expect(body.entries[0]).not.toHaveProperty('name_bytes');
    expect(agent.calls[0]?.request).toMatchObject({ includeHidden: true, maxEntries: 1 });
  });

  test('stat', async () => {
    const { ask } = await startVm(on(FileStat, () => ({ entry })));
    const { status, body } = await ask('/files/stat', { path: '/d/a' });
    expect(status).toBe(200);
    expect(body.entry).toMatchObject({ path: '/d/a', owner: 'root' });
  });

  test('mkdir and delete', async () => {
    const { ask, agent } = await startVm(
      on(CreateDirectory, () => ({})),
      on(FileDelete, () => ({})),
    );
    expect(
      (await ask('/files/mkdir', { path: '/d', create_parents: true, mode: 448 })).status,
    ).toBe(200);
    expect((await ask('/files/delete', { path: '/d', recursive: true })).status).toBe(200);
    expect(agent.calls).toMatchObject([
      { name: 'create_directory', request: { path: '/d', createParents: true, mode: 0o700 } },
      { name: 'file_delete', request: { path: '/d', recursive: true } },
    ]);
  });
});

describe('processes and services', () => {
  test('list processes by query', async () => {
    const { ask, agent } = await startVm(
      on(ListProcesses, () => ({ processes: [{ pid: 7, name: 'nginx', cpuPercent: 1.5 }] })),
    );
    const { body } = await ask('/processes?filter=ngi%20nx&max_entries=5&include_threads=true');
    expect(body.processes[0]).toMatchObject({ pid: 7, name: 'nginx', cpu_percent: 1.5 });
    expect(agent.calls[0]?.request).toEqual({
      filter: 'ngi nx',
      maxEntries: 5,
      includeThreads: true,
    });
  });

  test('kill, by default with SIGTERM', async () => {
    const { ask, agent } = await startVm(on(KillProcess, () => ({})));
    await ask('/processes/42/kill', {});
    await ask('/processes/42/kill', { signal: 9 });
    expect(agent.calls.map(({ request }) => request)).toEqual([
      { pid: 42, signal: 15 },
      { pid: 42, signal: 9 },
    ]);
  });

  test('list and control services, whose names are encoded once', async () => {
    const { ask, agent } = await startVm(
      on(ListServices, () => ({ services: [{ name: 'nginx', state: 'running' }] })),
      on(ServiceControl, () => ({ newState: 'running' })),
    );
    const list = await ask('/services?include_disabled=1');
    expect(list.body.services[0]).toMatchObject({ name: 'nginx', state: 'running' });
    expect(agent.calls[0]?.request).toMatchObject({ includeDisabled: true });
    const { body } = await ask('/services/foo%40bar%2525.service/control', { action: 'restart' });
    expect(body).toMatchObject({ new_state: 'running' });
    expect(agent.calls[1]?.request).toEqual({
      name: 'foo@bar%25.service',
      action: ServiceAction.RESTART,
    });
  });

  test('an action may be its number on the wire', async () => {
    const { ask, agent } = await startVm(on(ServiceControl, () => ({})));
    expect((await ask('/services/nginx/control', { action: 0 })).status).toBe(200);
    expect(agent.calls[0]?.request).toMatchObject({ action: ServiceAction.START });
  });
});

describe('inventory', () => {
  test('hardware includes everything unless asked otherwise', async () => {
    const { ask, agent } = await startVm(
      on(GetHardwareInfo, () => ({ hardware: { cpu: { cores: 4, l3CacheBytes: 2n ** 60n } } })),
    );
    const { body } = await ask('/hardware');
    await ask('/hardware?include_disk_details=false');
    expect(body.hardware.cpu).toMatchObject({ cores: 4, l3_cache_bytes: String(2n ** 60n) });
    expect(agent.calls.map(({ request }) => request)).toEqual([
      { includeCpuDetails: true, includeDiskDetails: true, includeNetworkDetails: true },
      { includeCpuDetails: true, includeDiskDetails: false, includeNetworkDetails: true },
    ]);
  });

  test('software', async () => {
    const { ask, agent } = await startVm(
      on(ListInstalledSoftware, () => ({ software: [{ name: 'bash' }], totalCount: 1 })),
    );
    const { body } = await ask('/software?filter=ba&max_entries=10');
    expect(body).toMatchObject({ software: [{ name: 'bash' }], total_count: 1 });
    expect(agent.calls[0]?.request).toEqual({ filter: 'ba', maxEntries: 10 });
  });
});

describe('desktop', () => {
  test('resize', async () => {
    const { ask, agent } = await startVm(
      on(DisplayResize, () => ({ actualWidth: 1920, actualHeight: 1080 })),
    );
    const { body } = await ask('/display/resize', { width: 1920, height: 1080, dpi: 96 });
    expect(body).toMatchObject({ actual_width: 1920, actual_height: 1080 });
    expect(agent.calls[0]?.request).toMatchObject({ width: 1920, height: 1080, dpi: 96 });
  });

  test('clipboard text', async () => {
    const { ask, agent } = await startVm(
      on(ClipboardGet, () => ({ data: Buffer.from('grüß'), mimeType: 'text/plain' })),
      on(ClipboardUpdate, () => ({})),
    );
    const { body } = await ask('/clipboard');
    expect(body).toMatchObject({
      type: 'text',
      data: 'grüß',
      encoding: 'utf-8',
      mime_type: 'text/plain',
    });
    await ask('/clipboard', { type: 'text', data: 'Hello from host!' });
    expect(agent.calls[1]?.request).toMatchObject({
      type: ClipboardType.TEXT,
      data: Buffer.from('Hello from host!'),
    });
  });

  test('clipboard image, there and back in the same form', async () => {
    const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff]);
    const image = { type: ClipboardType.IMAGE, data: png, mimeType: 'image/png' };
    const { ask, agent } = await startVm(
      on(ClipboardGet, () => image),
      on(ClipboardUpdate, () => ({})),
    );
    const { body } = await ask('/clipboard?preferred_type=image');
    expect(body).toMatchObject({ type: 'image', encoding: 'base64' });
    expect((await ask('/clipboard?preferred_type=1')).body).toEqual(body);
    const { success: _, ...same } = body;
    expect((await ask('/clipboard', same)).status).toBe(200);
    expect(agent.calls.map(({ request }) => request)).toEqual([
      { preferredType: ClipboardType.IMAGE },
      { preferredType: ClipboardType.IMAGE },
      image,
    ]);
  });
});

describe('snapshots, time, lifecycle', () => {
  test('quiesce and thaw', async () => {
    const at = { seconds: 1_769_335_800, nanos: 0 };
    const { ask, agent } = await startVm(
      on(Quiesce, () => ({
        frozen: [{ mountPoint: '/', frozen: true }],
        quiesceToken: 't',
        autoThawAt: at,
      })),
      on(Thaw, () => ({ thawedMountPoints: ['/'], frozenDurationMs: 12 })),
    );
    const frozen = await ask('/quiesce', { mount_points: ['/'], timeout_seconds: 60 });
    expect(frozen.body).toMatchObject({
      frozen: [{ mount_point: '/', frozen: true }],
      quiesce_token: 't',
      auto_thaw_at: '2026-01-25T10:10:00.000Z',
    });
    const thawed = await ask('/thaw', { quiesce_token: 't' });
    expect(thawed.body).toMatchObject({ thawed_mount_points: ['/'], frozen_duration_ms: 12 });
    expect(agent.calls).toMatchObject([
      { request: { mountPoints: ['/'], timeoutSeconds: 60 } },
      { request: { quiesceToken: 't' } },
    ]);
  });

  test('quiesce and thaw have time for several scripts of the guest', () => {
    const limits = QUIESCE.map(({ timeoutMs }) => timeoutMs?.({ timeoutSeconds: 10 }));
    expect(limits).toEqual([135_000, 125_000]);
  });

  test('sync-time, with and without a time', async () => {
    const { ask, fetch, agent } = await startVm(
      on(SyncTime, () => ({ offsetSeconds: -0.25, timeSource: 'chrony' })),
    );
    const { body } = await ask('/sync-time', { force: true, set_time: '2026-01-25T10:30:00.5Z' });
    expect(body).toMatchObject({ offset_seconds: -0.25, time_source: 'chrony' });
    expect(agent.calls[0]?.request).toEqual({
      force: true,
      setTime: { seconds: 1_769_337_000, nanos: 500_000_000 },
    });
    const headers = { 'content-type': 'application/json' };
    const empty = await fetch('/sync-time', { method: 'POST', headers, body: '' });
    expect(empty.status).toBe(200);
  });

  test('shutdown, reset-password, network', async () => {
    const { ask, agent } = await startVm(
      on(Shutdown, () => ({})),
      on(ResetPassword, () => ({})),
      on(ConfigureNetwork, () => ({ backend: 'netplan' })),
    );
    const down = await ask('/shutdown', { type: 'reboot', delay_seconds: 30, message: 'bye' });
    expect(down).toEqual({ status: 200, body: { accepted: true } });
    await ask('/reset-password', { username: 'admin', new_password: 's3cret', expire: true });
    const network = await ask('/network', {
      interface: 'eth0',
      ip_address: '10.0.0.2',
      netmask: '255.255.255.0',
      dns_servers: ['1.1.1.1'],
    });
    expect(network.body).toMatchObject({ backend: 'netplan' });
    expect(agent.calls).toMatchObject([
      { request: { type: ShutdownType.REBOOT, delaySeconds: 30, message: 'bye' } },
      { request: { username: 'admin', newPassword: 's3cret', expire: true } },
      { request: { interface: 'eth0', dnsServers: ['1.1.1.1'], dhcp: false } },
    ]);
  });
});

describe('the agent itself', () => {
  test('capabilities', async () => {
    const { ask } = await startVm(
      on(GetCapabilities, () => ({
        version: '0.1.0',
        os: 'linux',
        architecture: 'x86_64',
        capabilities: ['telemetry', 'execute'],
        features: { fsfreeze: 'true' },
      })),
    );
    expect((await ask('/capabilities')).body).toMatchObject({
      version: '0.1.0',
      os: 'linux',
      architecture: 'x86_64',
      capabilities: ['telemetry', 'execute'],
      features: { fsfreeze: 'true' },
    });
  });

  test('plugins', async () => {
    const plugin = { name: 'file', version: '1.0.0', state: PluginState.ACTIVE };
    const { ask, agent } = await startVm(
      on(ListPlugins, () => ({ plugins: [plugin] })),
      on(PluginControl, () => ({ plugin })),
    );
    expect((await ask('/plugins')).body.plugins[0]).toMatchObject({
      name: 'file',
      state: 'active',
    });
    const { body } = await ask('/plugins/file/control', { action: 'reload' });
    expect(body.plugin).toMatchObject({ version: '1.0.0' });
    expect(agent.calls[1]?.request).toEqual({ name: 'file', action: PluginAction.RELOAD });
  });

  test('telemetry is the newest report', async () => {
    const { ask, agent } = await startVm();
    const none = await ask('/telemetry');
    expect(none).toMatchObject({ status: 503, body: { code: 'QXGA-1003' } });
    agent.emit(Telemetry, { cpuUsagePercent: 1 });
    agent.emit(Telemetry, { cpuUsagePercent: 2.5, hostname: 'guest-1' });
    await eventually(async () => (await ask('/telemetry')).body.cpu_usage_percent === 2.5);
    const { body } = await ask('/telemetry');
    expect(body.hostname).toBe('guest-1');
    expect(Date.now() - Date.parse(body.received_at)).toBeLessThan(10_000);
  });

  test('a guest without the capability says so', async () => {
    const { ask } = await startVm();
    const { status, body } = await ask('/hardware');
    expect(status).toBe(501);
    expect(body).toMatchObject({ code: 'QXGA-2002', name: 'UNKNOWN_MESSAGE_TYPE' });
  });
});
