  (func (;direct 4 2 true [{"shape":[1,8,12,12],"operands":[{"strides":[0,1,0,0],"offset":0}],"expression":{"kind":"binary","name":"maximum","a":{"kind":"binary","name":"add","a":{"kind":"operand","index":0},"b":{"kind":"operand","index":1}},"b":{"kind":"constant","value":0}}},[1,8,12,12]];) (param i32 i32 i32 i32 i32 i32 i32 i32)
    (local i32 i32 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 i32 i32 i32 i32 i32 i32 i32 v128 i32 v128 i32 i32 v128 i32 i32 i32 v128 i32 v128 i32 i32 v128 i32 i32 i32 v128 i32 v128 i32 i32 v128 i32 i32 i32 v128 i32 v128 i32 i32 v128 i32)
    local.get 3
    i32.load
    local.set 8
    local.get 3
    i32.load offset=16
    local.set 9
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    local.set 10
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    local.set 11
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    local.set 12
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    local.set 13
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    local.set 14
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    local.set 15
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    local.set 16
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    local.set 17
    block
      local.get 1
      local.get 2
      i32.ge_u
      br_if 0
      loop
        local.get 1
        i32.load
        local.set 21
        local.get 8
        local.get 21
        i32.add
        v128.load
        local.set 18
        local.get 9
        local.get 21
        i32.add
        v128.load
        local.set 19
        local.get 0
        v128.load32_splat
        local.set 20
        local.get 20
        local.get 18
        local.get 10
        f32x4.relaxed_madd
        local.set 10
        local.get 20
        local.get 19
        local.get 11
        f32x4.relaxed_madd
        local.set 11
        local.get 0
        v128.load32_splat offset=4
        local.set 20
        local.get 20
        local.get 18
        local.get 12
        f32x4.relaxed_madd
        local.set 12
        local.get 20
        local.get 19
        local.get 13
        f32x4.relaxed_madd
        local.set 13
        local.get 0
        v128.load32_splat offset=8
        local.set 20
        local.get 20
        local.get 18
        local.get 14
        f32x4.relaxed_madd
        local.set 14
        local.get 20
        local.get 19
        local.get 15
        f32x4.relaxed_madd
        local.set 15
        local.get 0
        v128.load32_splat offset=12
        local.set 20
        local.get 20
        local.get 18
        local.get 16
        f32x4.relaxed_madd
        local.set 16
        local.get 20
        local.get 19
        local.get 17
        f32x4.relaxed_madd
        local.set 17
        local.get 0
        i32.const 16
        i32.add
        local.set 0
        local.get 1
        i32.const 4
        i32.add
        local.set 1
        local.get 1
        local.get 2
        i32.lt_u
        br_if 0
      end
    end
    local.get 3
    i32.load offset=4
    local.set 22
    local.get 3
    i32.load offset=20
    local.set 23
    local.get 3
    i32.load offset=8
    local.set 24
    local.get 3
    i32.load offset=24
    local.set 25
    local.get 4
    i32.const 0
    i32.add
    local.set 26
    local.get 26
    i32.const 576
    i32.mul
    local.set 27
    local.get 7
    local.get 26
    i32.const 4
    i32.mul
    i32.add
    v128.load32_splat
    local.set 28
    local.get 24
    i32.const 0
    i32.gt_s
    if
      local.get 27
      local.get 22
      i32.add
      local.set 29
      local.get 10
      local.get 28
      f32x4.add
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      f32x4.pmax
      local.set 30
      local.get 6
      local.get 29
      i32.add
      local.set 31
      local.get 24
      i32.const 4
      i32.ge_s
      if
        local.get 31
        local.get 30
        v128.store
      else
        local.get 31
        local.get 30
        v128.store32_lane 0
        local.get 24
        i32.const 1
        i32.gt_s
        if
          local.get 31
          local.get 30
          v128.store32_lane offset=4 1
        end
        local.get 24
        i32.const 2
        i32.gt_s
        if
          local.get 31
          local.get 30
          v128.store32_lane offset=8 2
        end
      end
    end
    local.get 25
    i32.const 0
    i32.gt_s
    if
      local.get 27
      local.get 23
      i32.add
      local.set 32
      local.get 11
      local.get 28
      f32x4.add
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      f32x4.pmax
      local.set 33
      local.get 6
      local.get 32
      i32.add
      local.set 34
      local.get 25
      i32.const 4
      i32.ge_s
      if
        local.get 34
        local.get 33
        v128.store
      else
        local.get 34
        local.get 33
        v128.store32_lane 0
        local.get 25
        i32.const 1
        i32.gt_s
        if
          local.get 34
          local.get 33
          v128.store32_lane offset=4 1
        end
        local.get 25
        i32.const 2
        i32.gt_s
        if
          local.get 34
          local.get 33
          v128.store32_lane offset=8 2
        end
      end
    end
    local.get 4
    i32.const 1
    i32.add
    local.set 35
    local.get 35
    i32.const 576
    i32.mul
    local.set 36
    local.get 7
    local.get 35
    i32.const 4
    i32.mul
    i32.add
    v128.load32_splat
    local.set 37
    local.get 24
    i32.const 0
    i32.gt_s
    if
      local.get 36
      local.get 22
      i32.add
      local.set 38
      local.get 12
      local.get 37
      f32x4.add
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      f32x4.pmax
      local.set 39
      local.get 6
      local.get 38
      i32.add
      local.set 40
      local.get 24
      i32.const 4
      i32.ge_s
      if
        local.get 40
        local.get 39
        v128.store
      else
        local.get 40
        local.get 39
        v128.store32_lane 0
        local.get 24
        i32.const 1
        i32.gt_s
        if
          local.get 40
          local.get 39
          v128.store32_lane offset=4 1
        end
        local.get 24
        i32.const 2
        i32.gt_s
        if
          local.get 40
          local.get 39
          v128.store32_lane offset=8 2
        end
      end
    end
    local.get 25
    i32.const 0
    i32.gt_s
    if
      local.get 36
      local.get 23
      i32.add
      local.set 41
      local.get 13
      local.get 37
      f32x4.add
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      f32x4.pmax
      local.set 42
      local.get 6
      local.get 41
      i32.add
      local.set 43
      local.get 25
      i32.const 4
      i32.ge_s
      if
        local.get 43
        local.get 42
        v128.store
      else
        local.get 43
        local.get 42
        v128.store32_lane 0
        local.get 25
        i32.const 1
        i32.gt_s
        if
          local.get 43
          local.get 42
          v128.store32_lane offset=4 1
        end
        local.get 25
        i32.const 2
        i32.gt_s
        if
          local.get 43
          local.get 42
          v128.store32_lane offset=8 2
        end
      end
    end
    local.get 4
    i32.const 2
    i32.add
    local.set 44
    local.get 44
    i32.const 576
    i32.mul
    local.set 45
    local.get 7
    local.get 44
    i32.const 4
    i32.mul
    i32.add
    v128.load32_splat
    local.set 46
    local.get 24
    i32.const 0
    i32.gt_s
    if
      local.get 45
      local.get 22
      i32.add
      local.set 47
      local.get 14
      local.get 46
      f32x4.add
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      f32x4.pmax
      local.set 48
      local.get 6
      local.get 47
      i32.add
      local.set 49
      local.get 24
      i32.const 4
      i32.ge_s
      if
        local.get 49
        local.get 48
        v128.store
      else
        local.get 49
        local.get 48
        v128.store32_lane 0
        local.get 24
        i32.const 1
        i32.gt_s
        if
          local.get 49
          local.get 48
          v128.store32_lane offset=4 1
        end
        local.get 24
        i32.const 2
        i32.gt_s
        if
          local.get 49
          local.get 48
          v128.store32_lane offset=8 2
        end
      end
    end
    local.get 25
    i32.const 0
    i32.gt_s
    if
      local.get 45
      local.get 23
      i32.add
      local.set 50
      local.get 15
      local.get 46
      f32x4.add
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      f32x4.pmax
      local.set 51
      local.get 6
      local.get 50
      i32.add
      local.set 52
      local.get 25
      i32.const 4
      i32.ge_s
      if
        local.get 52
        local.get 51
        v128.store
      else
        local.get 52
        local.get 51
        v128.store32_lane 0
        local.get 25
        i32.const 1
        i32.gt_s
        if
          local.get 52
          local.get 51
          v128.store32_lane offset=4 1
        end
        local.get 25
        i32.const 2
        i32.gt_s
        if
          local.get 52
          local.get 51
          v128.store32_lane offset=8 2
        end
      end
    end
    local.get 4
    i32.const 3
    i32.add
    local.set 53
    local.get 53
    i32.const 576
    i32.mul
    local.set 54
    local.get 7
    local.get 53
    i32.const 4
    i32.mul
    i32.add
    v128.load32_splat
    local.set 55
    local.get 24
    i32.const 0
    i32.gt_s
    if
      local.get 54
      local.get 22
      i32.add
      local.set 56
      local.get 16
      local.get 55
      f32x4.add
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      f32x4.pmax
      local.set 57
      local.get 6
      local.get 56
      i32.add
      local.set 58
      local.get 24
      i32.const 4
      i32.ge_s
      if
        local.get 58
        local.get 57
        v128.store
      else
        local.get 58
        local.get 57
        v128.store32_lane 0
        local.get 24
        i32.const 1
        i32.gt_s
        if
          local.get 58
          local.get 57
          v128.store32_lane offset=4 1
        end
        local.get 24
        i32.const 2
        i32.gt_s
        if
          local.get 58
          local.get 57
          v128.store32_lane offset=8 2
        end
      end
    end
    local.get 25
    i32.const 0
    i32.gt_s
    if
      local.get 54
      local.get 23
      i32.add
      local.set 59
      local.get 17
      local.get 55
      f32x4.add
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      f32x4.pmax
      local.set 60
      local.get 6
      local.get 59
      i32.add
      local.set 61
      local.get 25
      i32.const 4
      i32.ge_s
      if
        local.get 61
        local.get 60
        v128.store
      else
        local.get 61
        local.get 60
        v128.store32_lane 0
        local.get 25
        i32.const 1
        i32.gt_s
        if
          local.get 61
          local.get 60
          v128.store32_lane offset=4 1
        end
        local.get 25
        i32.const 2
        i32.gt_s
        if
          local.get 61
          local.get 60
          v128.store32_lane offset=8 2
        end
      end
    end
  )
