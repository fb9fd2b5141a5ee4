package dev.firn.ingest;

import dev.firn.TableWriter;
import dev.firn.TransactionWriter;
import dev.firn.catalog.commit.CommitReceipt;
import java.util.function.Consumer;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;

/**
 * One table's rows of a load. Closed without {@link #commit()}, nothing is left. Confined to one
 * thread.
 */
interface RowOutput extends AutoCloseable {
  Schema schema();

  void write(Record row);

  long rows();

  void commit();

  @Override
  void close();

  static RowOutput of(TransactionWriter writer) {
    return new InTransaction(writer);
  }

  /** {@code made} is told what the commit made. */
  static RowOutput of(TableWriter writer, Consumer<CommitReceipt> made) {
    return new Alone(writer, made);
  }

  /** Becomes visible with the transaction. */
  record InTransaction(TransactionWriter writer) implements RowOutput {
    @Override
    public Schema schema() {
      return writer.schema();
    }

    @Override
    public void write(Record row) {
      writer.write(row);
    }

    @Override
    public long rows() {
      return writer.rows();
    }

    @Override
    public void commit() {
      writer.commit();
    }

    @Override
    public void close() {
      writer.close();
    }
  }

  /** Becomes visible at once. */
  record Alone(TableWriter writer, Consumer<CommitReceipt> made) implements RowOutput {
    @Override
    public Schema schema() {
      return writer.schema();
    }

    @Override
    public void write(Record row) {
      writer.write(row);
    }

    @Override
    public long rows() {
      return writer.rows();
    }

    @Override
    public void commit() {
      made.accept(writer.commit());
    }

    @Override
    public void close() {
      writer.close();
    }
  }
}
