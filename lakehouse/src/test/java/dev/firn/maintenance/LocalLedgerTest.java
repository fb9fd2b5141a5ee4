package dev.firn.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compaction.policy.WorkHistory;
import dev.firn.compaction.policy.WorkKind;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LocalLedgerTest {
  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final LocalLedger ledger = new LocalLedger(Clock.fixed(NOW, ZoneOffset.UTC));

  @Test
  void tableIsHeldByOneUntilItIsReleased() {
    long epoch = ledger.acquire("a", "shop.a", MINUTE).orElseThrow();

    assertThat(ledger.acquire("a", "shop.a", MINUTE)).isEmpty();
    assertThat(ledger.acquire("b", "shop.b", MINUTE)).isPresent();
    assertThat(ledger.renew("a", epoch, MINUTE)).isTrue();
    ledger.release("a", epoch + 1);
    assertThat(ledger.renew("a", epoch, MINUTE)).isTrue();
    ledger.release("a", epoch);
    assertThat(ledger.renew("a", epoch, MINUTE)).isFalse();
    assertThat(ledger.acquire("a", "shop.a", MINUTE)).isPresent();
  }

  @Test
  void pausedTableIsNotHeldOn() {
    long epoch = ledger.acquire("a", "shop.a", MINUTE).orElseThrow();
    ledger.pause("a", "shop.a", true);
    assertThat(ledger.renew("a", epoch, MINUTE)).isFalse();
    ledger.release("a", epoch);
    assertThat(ledger.acquire("a", "shop.a", MINUTE)).isEmpty();

    ledger.pause("a", "shop.a", false);
    ledger.pause(null, "all tables", true);
    assertThat(ledger.isPaused("b")).isTrue();
    assertThat(ledger.acquire("a", "shop.a", MINUTE)).isEmpty();
    ledger.pause(null, "all tables", false);
    assertThat(ledger.acquire("a", "shop.a", MINUTE)).isPresent();
  }

  @Test
  void historyTellsHowOftenTheLastRunsEndedAlike() {
    record(WorkKind.COMPACT_COLD, Outcome.FAILED);
    record(WorkKind.COMPACT_COLD, Outcome.NOTHING);
    record(WorkKind.COMPACT_COLD, Outcome.ABANDONED);
    record(WorkKind.COMPACT_COLD, Outcome.NOTHING);
    record(WorkKind.SWEEP, Outcome.FAILED);
    record(WorkKind.EXPIRE_SNAPSHOTS, Outcome.DONE);
    ledger.record("other", "shop.b", "compact-recent", MINUTE, Outcome.DONE, "{}");
    ledger.record("a", "shop.a", "of a newer Firn", MINUTE, Outcome.DONE, "{}");

    assertThat(HistoryOf.table(ledger, "a"))
        .isEqualTo(
            new WorkHistory(
                Map.of(
                    WorkKind.COMPACT_COLD, new WorkHistory.Past(NOW, MINUTE, 0, 2),
                    WorkKind.SWEEP, new WorkHistory.Past(NOW, MINUTE, 1, 0),
                    WorkKind.EXPIRE_SNAPSHOTS, new WorkHistory.Past(NOW, MINUTE, 0, 0))));
    assertThat(ledger.history(null, 3)).hasSize(3);
  }

  @Test
  void rareWorkIsRememberedAmongMuchThatIsNot() {
    record(WorkKind.DROP_OLD_ROWS, Outcome.DONE);
    for (int i = 0; i < 12_000; i++) {
      record(WorkKind.COMPACT_RECENT, Outcome.DONE);
    }

    assertThat(HistoryOf.table(ledger, "a").past())
        .containsOnlyKeys(WorkKind.DROP_OLD_ROWS, WorkKind.COMPACT_RECENT);
    assertThat(ledger.history("a", 1_000)).hasSize(51);
  }

  private void record(WorkKind kind, Outcome outcome) {
    ledger.record("a", "shop.a", kind.word(), MINUTE, outcome, "{}");
  }

  @Test
  void detailIsJsonWhateverTheTextHolds() {
    assertThat(Detail.of(Map.of("files", 3, "why", "a \"b\"\n\\", "all", true)))
        .isEqualTo("{\"all\":true,\"files\":3,\"why\":\"a \\\"b\\\"\\u000a\\\\\"}");
    assertThat(Detail.ofFailure(new IllegalStateException("x".repeat(1_999) + "\uD83D\uDE00")))
        .endsWith("x\\ud83d\"}")
        .hasSizeLessThan(2_100);
    assertThat(Detail.ofFailure(new IllegalStateException())).isEqualTo("{\"error\":\"null\"}");
  }
}
