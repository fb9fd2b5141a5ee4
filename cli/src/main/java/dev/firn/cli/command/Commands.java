package dev.firn.cli.command;

import dev.firn.cli.run.GlobalOptions;
import dev.firn.error.NearMatch;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * The commands there are. Each is made when it is named, so that the others cost nothing: picocli
 * reads a class by reflection, which loads what its methods mention.
 */
public enum Commands {
  QUICKSTART("quickstart", "See it all on generated data", QuickstartCommand::new),
  INIT("init", "Make a warehouse", InitCommand::new),
  CREATE("create", "Create an empty table", CreateCommand::new),
  LOAD("load", "Load files into a table, made where missing", LoadCommand::new),
  APPEND("append", "Add rows to a table that is there", AppendCommand::new),
  DESCRIBE("describe", "List the tables, or show one", DescribeCommand::new),
  SCAN("scan", "Print rows, now or in the past", ScanCommand::new),
  DIFF("diff", "Show what differs between two states", DiffCommand::new),
  SQL("sql", "Run read-only SQL", SqlCommand::new),
  SNAPSHOTS("snapshots", "List a table's snapshots", SnapshotsCommand::new),
  HISTORY("history", "List what was current, and when", HistoryCommand::new),
  CHANNELS("channels", "List how far streams into a table are", ChannelsCommand::new),
  ROLLBACK("rollback", "Make an earlier state current again", RollbackCommand::new),
  BRANCH("branch", "Make, list, move and drop branches", BranchCommand::new),
  TAG("tag", "Make, list and drop tags", TagCommand::new),
  CHERRY_PICK("cherry-pick", "Apply one snapshot's change to main", CherryPickCommand::new),
  EVOLVE("evolve", "Change columns, layout or properties", EvolveCommand::new),
  UPDATE("update", "Change columns of rows", UpdateCommand::new),
  DELETE("delete", "Delete rows", DeleteCommand::new),
  ERASE("erase", "Remove rows for good, from all history", EraseCommand::new),
  RETAIN("retain", "Drop rows older than the table keeps", RetainCommand::new),
  MERGE("merge", "Merge files into a table by key", MergeCommand::new),
  COMPACT("compact", "Merge small files, apply deletes", CompactCommand::new),
  EXPIRE_SNAPSHOTS(
      "expire-snapshots", "Forget old snapshots and their files", ExpireSnapshotsCommand::new),
  CLEAN_ORPHANS("clean-orphans", "Remove files that dead writers left", CleanOrphansCommand::new),
  CONVERT_DELETES(
      "convert-deletes",
      "Turn delete files into such as readers apply faster",
      ConvertDeletesCommand::new),
  REMOVE_DANGLING_DELETES(
      "remove-dangling-deletes",
      "Forget delete files that apply to nothing",
      RemoveDanglingDeletesCommand::new),
  REWRITE_MANIFESTS(
      "rewrite-manifests", "Merge a table's small manifests", RewriteManifestsCommand::new),
  MAINTAIN("maintain", "Keep tables fast, in the background", MaintainCommand::new),
  DOCTOR("doctor", "Say how healthy a table is, and what mends it", DoctorCommand::new),
  ANALYZE("analyze", "Count distinct values, and what partitions hold", AnalyzeCommand::new),
  VERIFY("verify", "Check that a table's files hold what is recorded", VerifyCommand::new),
  CHECK_STORE("check-store", "Try what Firn needs of a store", CheckStoreCommand::new),
  RENAME("rename", "Rename a table", RenameCommand::new),
  DROP("drop", "Drop a table", DropCommand::new),
  COMPLETION("completion", "Print the completion script for bash or zsh", CompletionCommand::new),
  HELP("help", "Show help of a command, or the exit codes", HelpCommand::new);

  private final String word;
  private final String summary;

  // Constructors, which hold nothing.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Supplier<Object> factory;

  Commands(String word, String summary, Supplier<Object> factory) {
    this.word = word;
    this.summary = summary;
    this.factory = factory;
  }

  /** Returns a parser that knows the commands which {@code arguments} mention. */
  public static CommandLine parser(GlobalOptions options, List<String> arguments) {
    CommandLine root = new CommandLine(new RootCommand(options));
    for (Commands command : values()) {
      if (arguments.contains(command.word)) {
        root.addSubcommand(command.word, command.factory.get());
      }
    }
    configure(root);
    Map<String, CommandLine> named = root.getSubcommands();
    named.values().forEach(Commands::splitOptions);
    root.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, Commands::list);
    // The list has its own, also where the root knows all of them.
    root.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING, help -> "");
    root.getHelpSectionMap()
        .put(
            UsageMessageSpec.SECTION_KEY_OPTION_LIST,
            help -> options(help, true) + options(help, false));
    return root;
  }

  /** Returns a parser that knows all of them. */
  public static CommandLine complete() {
    return parser(new GlobalOptions(), names());
  }

  /** Returns the names of all commands. */
  public static List<String> names() {
    return Arrays.stream(values()).map(command -> command.word).toList();
  }

  /** Returns {@code "; did you mean …?"}, or an empty string. */
  public static String hint(String mistyped) {
    return NearMatch.hint(mistyped, names());
  }

  /** Returns the command of that name. */
  static Optional<Commands> find(String name) {
    return Arrays.stream(values()).filter(command -> command.word.equals(name)).findFirst();
  }

  private static void configure(CommandLine root) {
    root.setCaseInsensitiveEnumValuesAllowed(true);
    root.setAbbreviatedOptionsAllowed(false);
    root.setOverwrittenOptionsAllowed(false);
    root.setUsageHelpAutoWidth(false);
    root.setUsageHelpWidth(100);
  }

  private static String list(Help help) {
    StringBuilder list = new StringBuilder("%nCommands:%n".formatted());
    for (Commands command : values()) {
      list.append("  %-25s%s%n".formatted(command.word, command.summary));
    }
    return list.toString();
  }

  /** Shows a command's own options apart from those that every command has. */
  private static void splitOptions(CommandLine command) {
    command
        .getHelpSectionMap()
        .put(
            UsageMessageSpec.SECTION_KEY_OPTION_LIST,
            help -> {
              String own = options(help, false);
              String shared = options(help, true);
              return (own.isEmpty() ? "" : "%nOptions:%n".formatted() + own)
                  + "%nOptions of every command:%n".formatted()
                  + shared;
            });
    command
        .getHelpSectionMap()
        .put(
            UsageMessageSpec.SECTION_KEY_PARAMETER_LIST,
            help -> help.parameterList(new WholeWords(help), help.parameterLabelRenderer()));
    command.getSubcommands().values().stream().distinct().forEach(Commands::splitOptions);
  }

  private static String options(Help help, boolean inherited) {
    List<OptionSpec> shown =
        help.commandSpec().options().stream()
            .filter(option -> option.inherited() == inherited && !option.hidden())
            .toList();
    Help.Layout layout = new WholeWords(help);
    layout.addOptions(shown, help.createDefaultParamLabelRenderer());
    return layout.toString();
  }
}
