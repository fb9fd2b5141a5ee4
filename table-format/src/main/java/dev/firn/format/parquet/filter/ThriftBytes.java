package dev.firn.format.parquet.filter;

import shaded.parquet.org.apache.thrift.TBase;
import shaded.parquet.org.apache.thrift.TConfiguration;
import shaded.parquet.org.apache.thrift.TException;
import shaded.parquet.org.apache.thrift.protocol.TCompactProtocol;
import shaded.parquet.org.apache.thrift.transport.TTransport;
import shaded.parquet.org.apache.thrift.transport.TTransportException;

/**
 * Thrift bytes in memory: whatever a list, map or string claims, it cannot be longer than what is
 * left of them. A cursor. Confined to one thread.
 */
final class ThriftBytes extends TTransport {
  private final byte[] bytes;
  private final TConfiguration limits;
  private int position;

  ThriftBytes(byte[] bytes) {
    this.bytes = bytes;
    this.limits = TConfiguration.custom().setMaxMessageSize(Math.max(1, bytes.length)).build();
  }

  /** Reads {@code value}, which must be all that is wrong where this throws. */
  <T extends TBase<?, ?>> T readInto(T value) throws TException {
    try {
      value.read(new TCompactProtocol(this));
      return value;
    } catch (RuntimeException | StackOverflowError e) {
      // Thousands of nested structs overflow the recursive skip of unknown fields.
      throw new TException(e);
    }
  }

  /** Bytes consumed so far. */
  int position() {
    return position;
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void open() {}

  @Override
  public void close() {}

  @Override
  public int read(byte[] target, int offset, int length) throws TTransportException {
    checkReadBytesAvailable(length);
    System.arraycopy(bytes, position, target, offset, length);
    position += length;
    return length;
  }

  @Override
  public void write(byte[] source, int offset, int length) throws TTransportException {
    throw new TTransportException("read only");
  }

  @Override
  public TConfiguration getConfiguration() {
    return limits;
  }

  @Override
  public void updateKnownMessageSize(long size) {}

  @Override
  public void checkReadBytesAvailable(long count) throws TTransportException {
    if (count < 0 || count > bytes.length - position) {
      throw new TTransportException(
          TTransportException.END_OF_FILE,
          "it claims " + count + " bytes where " + (bytes.length - position) + " are left");
    }
  }
}
