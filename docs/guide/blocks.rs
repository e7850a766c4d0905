//! The fenced blocks of the cookbook's Markdown, for the build script and for the library.

/// A fenced block, below the heading of its task.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// The heading of the second level above the block.
    pub(crate) task: String,
    /// The words after the opening fence.
    pub(crate) tags: Vec<String>,
    /// The lines, of which Rust hides those that start with `# `.
    pub(crate) text: String,
}

impl Block {
    /// Whether a word is after the opening fence.
    pub(crate) fn is(&self, tag: &str) -> bool {
        self.tags.iter().any(|word| word == tag)
    }
}

/// Returns the fenced blocks of a chapter, in order.
pub(crate) fn blocks(markdown: &str) -> Vec<Block> {
    let (mut blocks, mut task) = (Vec::new(), String::new());
    let mut open: Option<Block> = None;
    for line in markdown.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, Some(info)) => {
                let tags = info.split([' ', ',']).map(str::to_owned).collect();
                open = Some(Block { task: task.clone(), tags, text: String::new() });
            }
            (None, None) => {
                if let Some(heading) = line.strip_prefix("## ") {
                    heading.clone_into(&mut task);
                }
            }
        }
    }
    blocks
}
