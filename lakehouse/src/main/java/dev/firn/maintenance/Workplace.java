package dev.firn.maintenance;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The tables that may be maintained, and where leases and history are. Thread-safe. */
public interface Workplace {
  /** Returns the names of all tables. */
  List<String> tables();

  /** Returns the table as it is now; empty where there is none of that name. */
  Optional<Site> open(String table);

  /** Returns the ledger of the work, which stays the workplace's. */
  WorkLedger ledger();

  /**
   * From now on {@code changed} is told of tables that this process commits to; it must be quick.
   * What is returned ends that when it is run.
   */
  Runnable listen(Consumer<String> changed);

  /** Has {@code service} closed with the workplace, unless what is returned was run before. */
  Runnable own(MaintenanceService service);
}
