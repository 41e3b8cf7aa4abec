import { AgentError, type AgentErrorOptions } from '@limiquantix/agent-proto';

/** The code's own description is the guest's: here it is the agent that cannot be reached. */
export function connectionLost(detail: string, options: AgentErrorOptions = {}): AgentError {
  const error = new AgentError('CONNECTION_LOST', options);
  error.message = `No connection to the agent: ${detail}`;
  return error;
}

/** Why a socket did not open, or closed, in the operator's terms. */
export function socketFailure(path: string, error: NodeJS.ErrnoException | undefined): AgentError {
  switch (error?.code) {
    case undefined:
      return connectionLost(`${path} was closed by the other end`, {
        cause: error,
        resolution: 'The virtual machine stopped or was migrated; the client connects again',
      });
    case 'ENOENT':
      return new AgentError('DEVICE_NOT_FOUND', {
        detail: `there is no socket ${path}`,
        cause: error,
        resolution:
          'Start the virtual machine; its definition needs a unix channel named org.limiquantix.agent.0',
      });
    case 'ECONNREFUSED':
      return connectionLost(`nobody listens on ${path}`, {
        cause: error,
        resolution: 'The virtual machine is stopped; start it',
      });
    case 'EACCES':
    case 'EPERM':
      return new AgentError('DEVICE_OPEN_FAILED', {
        detail: `no permission for ${path}`,
        cause: error,
        resolution: "Run as a user who may open the hypervisor's sockets",
      });
    case 'EINVAL':
      return new AgentError('DEVICE_OPEN_FAILED', {
        detail: `no socket can have the path ${path}`,
        cause: error,
        resolution: 'Use a path of 107 bytes at the most',
      });
    case 'EHOSTUNREACH':
      return connectionLost(`${path}: nothing in the guest listens on the vsock port`, {
        cause: error,
        resolution: 'Start the agent in the guest, with device_path: vsock:PORT of that port',
      });
    case 'EPROTO':
      return new AgentError('DEVICE_OPEN_FAILED', {
        detail: `${path} does not answer as the socket of a vsock device`,
        cause: error,
        resolution: 'Leave vsockPort out for the socket of a virtio-serial channel',
      });
    case 'EAGAIN':
      return new AgentError('DEVICE_BUSY', {
        detail: path,
        cause: error,
        resolution: 'Another host program is connected to this channel, which serves one; stop it',
      });
    case 'EMFILE':
    case 'ENFILE':
      return new AgentError('DEVICE_OPEN_FAILED', {
        detail: `${path}: this program may not open more files (${error.code})`,
        cause: error,
        resolution: 'Allow it more: LimitNOFILE= in its unit, or ulimit -n; one for each VM',
      });
    default:
      return connectionLost(`${path}: ${error?.message}`, {
        cause: error,
        resolution: 'Check the path and the virtual machine; the client connects again',
      });
  }
}
